import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTwo } from '../process/changes.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { pagesOf } from './admin-fixture.ts';
import { type Account, type App, addAccount, registerApp, signInAndAllow } from './protocol/app.ts';

/** Two servers on one database: people are at one of them, the operator at the other. */
describe('sessions and grants of everybody, in the admin API', () => {
  let here: RunningGatehouse;
  let there: RunningGatehouse;
  let album: App;
  let wiki: App;
  let count = 0;
  beforeAll(async () => {
    [here, there] = await startTwo();
    album = await registerApp(here, { client_name: 'Photo Album' });
    wiki = await registerApp(here, { client_name: 'Wiki' });
  });
  afterAll(async () => {
    await there.dispose();
    await here.dispose();
  });

  const somebody = (changes: Record<string, unknown> = {}) => {
    count += 1;
    return addAccount(here, `everybody-${count}@example.org`, changes);
  };
  async function signIn(who: Account, ...apps: App[]) {
    const person = makePerson(here.issuer);
    const tokens = [];
    for (const app of apps) {
      const { status, body } = await signInAndAllow(app, person, who);
      expect(status).toBe(200);
      tokens.push({ app, access: String(body.access_token), refresh: String(body.refresh_token) });
    }
    return tokens;
  }
  const list = async (path: string) => (await there.admin('GET', path)).body.items ?? [];
  const works = async ({ app, access }: { app: App; access: string }) =>
    (await app.userinfo(access)).status === 200;
  const idOf = ({ registration }: App) => registration.clientId;

  it('are listed by user, by client and in pages, with whose they are', async () => {
    const [one, two] = [await somebody(), await somebody()];
    await signIn(one, album, wiki);
    await signIn(two, album);
    const [session] = await list(`sessions?user=${one.sub}`);
    expect(session).toMatchObject({
      sub: one.sub,
      ip: '127.0.0.1',
      amr: ['pwd'],
      apps: [
        { client_id: idOf(album), client_name: 'Photo Album' },
        { client_id: idOf(wiki), client_name: 'Wiki' },
      ],
    });
    expect(session).not.toHaveProperty('current');
    const subs = async (path: string) => (await list(path)).map(({ sub }) => String(sub));
    expect((await subs(`sessions?client=${idOf(album)}`)).toSorted()).toEqual([one.sub, two.sub].toSorted());
    expect(await subs(`sessions?client=${idOf(wiki)}`)).toEqual([one.sub]);
    expect(await subs(`sessions?since=${Math.floor(Date.now() / 1000) + 60}`)).toEqual([]);
    const paged = [];
    for await (const page of pagesOf(there, 'sessions', 'limit=1')) paged.push(...page);
    expect(paged.map(({ sub }) => sub)).toEqual([one.sub, two.sub]);
    await expect(there.admin('GET', `sessions/${String(session?.id)}`)).resolves.toMatchObject({
      status: 200,
      body: session,
    });

    const grants = await list(`grants?user=${one.sub}`);
    expect(grants).toHaveLength(2);
    const grant = grants.find(({ client_id: id }) => id === idOf(album));
    expect(grant).toMatchObject({
      sub: one.sub,
      client_name: 'Photo Album',
      consented: true,
      signed_in: true,
      scopes: expect.arrayContaining(['openid', 'email']),
    });
    await expect(there.admin('GET', `grants/${String(grant?.id)}`)).resolves.toMatchObject({ body: grant });
    expect((await subs(`grants?client=${idOf(album)}`)).toSorted()).toEqual([one.sub, two.sub].toSorted());
    const everyGrant = [];
    for await (const page of pagesOf(there, 'grants', 'limit=1')) everyGrant.push(...page);
    expect(everyGrant).toHaveLength(3);
  });

  it('end one by one: what apps got is dead when the answer is there', async () => {
    const who = await somebody();
    const tokens = await signIn(who, album, wiki);
    const [grant] = (await list(`grants?user=${who.sub}`)).filter(({ client_name: name }) => name === 'Wiki');
    expect((await there.admin('DELETE', `grants/${String(grant?.id)}`)).status).toBe(204);
    expect(await Promise.all(tokens.map(works))).toEqual([true, false]);
    await expect(there.admin('DELETE', `grants/${String(grant?.id)}`)).resolves.toMatchObject({
      status: 404,
      body: { code: 'grant_not_found' },
    });
    const [session] = await list(`sessions?user=${who.sub}`);
    expect((await there.admin('DELETE', `sessions/${String(session?.id)}`)).status).toBe(204);
    expect(await Promise.all(tokens.map(works))).toEqual([false, false]);
    await expect(there.admin('GET', `sessions/${String(session?.id)}`)).resolves.toMatchObject({
      status: 404,
      body: { code: 'session_not_found' },
    });
  });

  it('end together, of a user or of a client, and tell how many they were', async () => {
    const app = await registerApp(here, { client_name: 'To be closed' });
    const [one, two] = [await somebody(), await somebody()];
    const tokens = [...(await signIn(one, app)), ...(await signIn(one, album)), ...(await signIn(two, app))];
    await expect(there.admin('DELETE', `grants?client=${idOf(app)}`)).resolves.toMatchObject({
      status: 200,
      body: { ended: 2, kept: 0, more: false },
    });
    expect(await Promise.all(tokens.map(works))).toEqual([false, true, false]);
    const again = await signIn(two, app);
    await expect(there.admin('DELETE', `sessions?client=${idOf(app)}`)).resolves.toMatchObject({
      body: { ended: 1 },
    });
    expect(await Promise.all(again.map(works))).toEqual([false]);
    await expect(there.admin('DELETE', `sessions?user=${one.sub}`)).resolves.toMatchObject({
      body: { ended: 2 },
    });
    expect(await works(tokens[1] ?? { app, access: '' })).toBe(false);
    await expect(there.admin('DELETE', `grants?user=${one.sub}`)).resolves.toMatchObject({
      body: { ended: 1 },
    });
    expect(await list(`grants?user=${one.sub}`)).toEqual([]);
  });

  it('of an administrator stay for callers who may not give out roles', async () => {
    const app = await registerApp(here, { client_name: 'Shared' });
    const [boss, other] = [await somebody({ roles: ['admin'] }), await somebody()];
    const [ofBoss] = await signIn(boss, app);
    await signIn(other, app);
    const weak = { authorization: `Bearer ${await there.adminToken(['sessions:write'])}` };
    const end = (path: string) => there.admin('DELETE', path, undefined, weak);
    await expect(end(`grants?client=${idOf(app)}`)).resolves.toMatchObject({ body: { ended: 1, kept: 1 } });
    const [session] = await list(`sessions?user=${boss.sub}`);
    const [grant] = await list(`grants?user=${boss.sub}`);
    for (const path of [`sessions/${String(session?.id)}`, `grants/${String(grant?.id)}`])
      await expect(end(path)).resolves.toMatchObject({ status: 403 });
    await expect(end(`sessions?user=${boss.sub}`)).resolves.toMatchObject({ body: { ended: 0, kept: 1 } });
    expect(await works(ofBoss ?? { app, access: '' })).toBe(true);
  });

  it.each([
    ['DELETE', 'sessions', 400],
    ['DELETE', 'grants', 400],
    ['DELETE', 'sessions?all=true', 400],
    ['GET', 'sessions?since=yesterday', 400],
    ['GET', 'sessions?after=x', 400],
    ['GET', 'sessions?user=a%00b', 400],
    ['GET', 'grants?client=a%20b', 400],
    ['GET', `sessions/${'0'.repeat(32)}`, 404],
    ['GET', 'sessions/nothing', 404],
    ['GET', 'grants/bm9ib2R5Cm5vdGhpbmc', 404],
    ['GET', 'grants/bm9ib2R5Cm5vdGhpbmd', 404],
    ['DELETE', 'grants/nothing', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const answer = await there.admin(method, path);
    expect(answer.status).toBe(status);
    expect(answer.body.code).toEqual(expect.any(String));
  });
});
