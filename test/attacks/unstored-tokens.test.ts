import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Account, type App, addAccount, registerApp, sentBack } from '../flows/protocol/app.ts';
import { makePerson, type Person } from '../support/person.ts';
import { basic } from '../support/relying-party.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Line, openLine, rawPost } from './barrier.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { mutationsOf } from './mutations.ts';
import { expectRefusal } from './refusal.ts';

const adminApi = '/api/admin/v1/users';

describe('attacks on access tokens that nobody stores', () => {
  let attacked: Attacked;
  let resource: string;
  beforeAll(async () => {
    attacked = await startAttacked({ both: { GATEHOUSE_REFRESH_REPLAY_WINDOW: '0s' } });
    resource = `${attacked.issuer}/api/account`;
  });
  afterAll(() => attacked.dispose());

  const post = async (app: App, path: string, form: Record<string, string>, process: 0 | 1 = 0) => {
    const { clientId, clientSecret } = app.registration;
    const isPublic = clientSecret === undefined;
    return attacked.send(path, {
      method: 'POST',
      process,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(isPublic ? {} : { authorization: basic(clientId, clientSecret) }),
      },
      body: new URLSearchParams({ ...(isPublic ? { client_id: clientId } : {}), ...form }).toString(),
    });
  };
  const bearing = (token: string, path: string, process: 0 | 1 = 0) =>
    attacked.send(path, {
      process,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    });

  /** What each of the two processes says of it. */
  const activity = async (app: App, token: string): Promise<unknown[]> =>
    Promise.all(
      ([0, 1] as const).map(async (process) => {
        const answer = await post(app, '/oauth2/introspect', { token }, process);
        expect(answer.status).toBe(200);
        return JSON.parse(answer.text).active;
      }),
    );
  const both = (active: boolean) => [active, active];

  async function authorize(app: App, person: Person, who: Account, extra: Record<string, string> = {}) {
    const attempt = app.begin({ scope: 'openid account:read', resource, ...extra });
    const seen = await person.visit(attempt.url);
    const back = seen.kind === 'page' ? await person.signIn(who) : seen;
    const { status, body } = await app.redeem(attempt, back);
    expect(status).toBe(200);
    return { jwt: String(body.access_token), refresh: String(body.refresh_token) };
  }
  const signIn = (app: App, who = attacked.people.user, extra: Record<string, string> = {}) =>
    authorize(app, makePerson(attacked.issuer), who, extra);

  it('B17 a JWT with any character changed, cut off or added is no token, anywhere', async () => {
    const { c2 } = attacked.apps;
    const { jwt } = await signIn(c2);
    // All at its end, where spare bits are, and one in seven before.
    const all = mutationsOf(jwt).filter(
      (token, index) => index % 7 === 0 || token.startsWith(jwt.slice(0, -2)),
    );
    expect(all.length).toBeGreaterThan(200);
    for (const token of all) {
      const asked = await post(c2, '/oauth2/introspect', { token }, 1);
      expect([token, asked.status, asked.text]).toEqual([token, 200, '{"active":false}']);
      const answer = await post(c2, '/oauth2/revoke', { token });
      expect([token, answer.status, answer.text]).toEqual([token, 200, '']);
      const presentable = encodeURIComponent(token) === token;
      const path = token.length % 2 === 0 ? adminApi : '/oauth2/userinfo';
      if (presentable) expect([token, (await bearing(token, path)).status]).toEqual([token, 401]);
    }
    await expect(activity(c2, jwt)).resolves.toEqual(both(true));
  }, 120_000);

  it('B17 a refresh token with any character changed, cut off or added gives nothing, and harms nothing', async () => {
    const { c2 } = attacked.apps;
    const { jwt, refresh } = await signIn(c2);
    const all = mutationsOf(refresh);
    expect(all.length).toBeGreaterThan(100);
    for (const token of [...all, jwt, `${jwt}A`]) {
      const answer = await post(c2, '/oauth2/token', { grant_type: 'refresh_token', refresh_token: token });
      expect([token, answer.status, JSON.parse(answer.text).error]).toEqual([token, 400, 'invalid_grant']);
    }
    await expect(c2.refresh(refresh)).resolves.toMatchObject({ status: 200 });
  });

  it('what is revoked on one process is dead on the other at once', async () => {
    const { c1, c2 } = attacked.apps;
    for (const app of [c1, c2]) {
      for (let round = 0; round < 10; round += 1) {
        const { jwt } = await signIn(app);
        const asking = app === c1 ? attacked.guard : app;
        await expect(activity(asking, jwt)).resolves.toEqual(both(true));
        const process = round % 2 === 0 ? 0 : 1;
        await expect(post(app, '/oauth2/revoke', { token: jwt }, process)).resolves.toMatchObject({
          status: 200,
        });
        await expect(activity(asking, jwt)).resolves.toEqual(both(false));
      }
    }
  });

  it('B05 a refresh token used twice ends every JWT of its family, also after a restart', async () => {
    const { c2 } = attacked.apps;
    const first = await signIn(c2);
    const jwts = [first.jwt];
    let refresh = first.refresh;
    for (let use = 0; use < 3; use += 1) {
      const { body } = await c2.refresh(refresh);
      refresh = String(body.refresh_token);
      jwts.push(String(body.access_token));
    }
    for (const jwt of jwts) await expect(activity(c2, jwt)).resolves.toEqual(both(true));
    const audit = { type: 'refresh.reuse', client_id: 'c2', account_id: attacked.people.user.sub };
    const last = await attacked.database.lastAuditId();
    const answer = await post(c2, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: first.refresh,
    });
    expect(answer.status).toBe(400);
    await expect(attacked.database.auditAfter(last)).resolves.toEqual([expect.objectContaining(audit)]);
    for (const jwt of jwts) await expect(activity(c2, jwt)).resolves.toEqual(both(false));
    await attacked.restartSecond();
    for (const jwt of jwts) await expect(activity(c2, jwt)).resolves.toEqual(both(false));
    await expect(c2.refresh(refresh)).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  it('B10 a person who is disabled on one process is nobody to the API of the other', async () => {
    const console = await registerApp(attacked.servers[0], {
      client_id: 'console',
      skip_consent: true,
      scope: 'openid users:read',
    });
    const who = await addAccount(attacked.servers[0], 'second-admin@example.org', { roles: ['admin'] });
    const { jwt } = await signIn(console, who, {
      scope: 'openid users:read',
      resource: `${attacked.issuer}/api/admin`,
    });
    expect((await bearing(jwt, adminApi, 1)).status).toBe(200);
    for (const status of ['disabled', 'active']) {
      await attacked.servers[0].admin('PATCH', `users/${who.sub}`, { status });
      const audit = { type: 'admin.refused', reason: 'invalid_token' };
      await expectRefusal(attacked, { status: 401, audit }, () => bearing(jwt, adminApi));
      expect((await bearing(jwt, adminApi, 1)).status).toBe(401);
      await expect(activity(console, jwt)).resolves.toEqual(both(false));
    }
    const again = await signIn(console, who, {
      scope: 'openid users:read',
      resource: `${attacked.issuer}/api/admin`,
    });
    expect((await bearing(again.jwt, adminApi, 1)).status).toBe(200);
  });

  it('B08 a revocation in the middle of which the process dies has happened, or happens when it is asked for again', async () => {
    const { apps, database, servers } = attacked;
    const { c2 } = apps;
    const { jwt, refresh } = await signIn(c2);
    await database.rows('begin');
    await database.rows(
      `select 1 from oidc_artifact where model = 'RefreshToken'
       and id_hash = sha256(convert_to('${refresh}', 'UTF8')) for update`,
    );
    const cutOff = expect(post(c2, '/oauth2/revoke', { token: refresh }, 1)).rejects.toThrow();
    const waiting = `select 1 from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))`;
    await waitFor('it waits for the row', async () => (await database.rows(waiting)).length > 0);
    await servers[1].kill9();
    await cutOff;
    await database.rows('commit');
    await expect(post(c2, '/oauth2/revoke', { token: refresh })).resolves.toMatchObject({ status: 200 });
    await attacked.restartSecond();
    await expect(activity(c2, jwt)).resolves.toEqual(both(false));
  });

  it('one client learns nothing of the tokens of another, and cannot end them', async () => {
    const { c2, c4 } = attacked.apps;
    const { jwt } = await signIn(c2);
    const answer = await post(c4, '/oauth2/introspect', { token: jwt });
    expect([answer.status, answer.text]).toEqual([200, '{"active":false}']);
    const audit = { type: 'protocol.error', client_id: 'c4', reason: 'invalid_request' };
    await expectRefusal(attacked, { status: 400, audit }, () => post(c4, '/oauth2/revoke', { token: jwt }));
    await expect(activity(c2, jwt)).resolves.toEqual(both(true));
  });

  describe('B07', () => {
    const rounds = 200;
    let lines: [Line, Line];
    beforeAll(async () => {
      const [first, second] = attacked.servers;
      lines = [await openLine(first.port), await openLine(second.port)];
    });
    afterAll(() => {
      for (const line of lines) line.close();
    });

    it(`B07 after a revocation was answered, nothing that the grant ever gave is good, in ${rounds} races with a refresh`, async () => {
      const { c2 } = attacked.apps;
      const { clientId, clientSecret = '' } = c2.registration;
      const host = new URL(attacked.issuer).host;
      const headers = { authorization: basic(clientId, clientSecret) };
      const person = makePerson(attacked.issuer);
      let won = 0;
      for (let round = 0; round < rounds; round += 1) {
        const { jwt, refresh } = await authorize(c2, person, attacked.people.user);
        const [revoking, refreshing] = round % 2 === 0 ? lines : [lines[1], lines[0]];
        const token = round % 4 < 2 ? refresh : jwt;
        revoking.prepare(rawPost(host, '/oauth2/revoke', headers, { token }));
        refreshing.prepare(
          rawPost(host, '/oauth2/token', headers, { grant_type: 'refresh_token', refresh_token: refresh }),
        );
        const head = round % 8 < 4 ? refreshing : revoking;
        const tail = head === revoking ? refreshing : revoking;
        const answers = new Map([[head, head.release()]]);
        await turns(round % 10);
        answers.set(tail, tail.release());
        const [revoked, refreshed] = [await answers.get(revoking), await answers.get(refreshing)];
        expect(revoked?.status).toBe(200);
        const given = refreshed?.status === 200 ? JSON.parse(refreshed.body) : {};
        if (refreshed?.status === 200) won += 1;
        else expect(refreshed?.status).toBe(400);
        for (const ever of [jwt, refresh, given.access_token, given.refresh_token].filter(Boolean))
          await expect(activity(c2, ever)).resolves.toEqual(both(false));
        for (const ever of [refresh, given.refresh_token].filter(Boolean))
          await expect(c2.refresh(ever)).resolves.toMatchObject({
            status: 400,
            body: { error: 'invalid_grant' },
          });
      }
      // Both come first now and then, or it was no race.
      expect(won).toBeGreaterThan(0);
      expect(won).toBeLessThan(rounds);
    }, 180_000);
  });

  it('two sign-ins of one second have nothing to do with each other', async () => {
    const { c2 } = attacked.apps;
    let sameSecond = 0;
    for (let round = 0; round < 10; round += 1) {
      const [person, other] = [makePerson(attacked.issuer), makePerson(attacked.issuer)];
      const [one, two] = await Promise.all(
        [person, other].map((somebody) => authorize(c2, somebody, attacked.people.user)),
      );
      if (one === undefined || two === undefined) throw new Error('nobody signed in');
      await post(c2, '/oauth2/revoke', { token: one.jwt });
      await expect(activity(c2, one.jwt)).resolves.toEqual(both(false));
      await expect(activity(c2, two.jwt)).resolves.toEqual(both(true));
      expect(sentBack(await person.visit(c2.begin({ prompt: 'none' }).url))).toHaveProperty('code');
      if (decodeJwt(one.jwt).iat === decodeJwt(two.jwt).iat) sameSecond += 1;
    }
    expect(sameSecond).toBeGreaterThan(0);
  });
});

/** Lets what is due run, some times over. */
async function turns(many: number): Promise<void> {
  for (let turn = 0; turn < many; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
