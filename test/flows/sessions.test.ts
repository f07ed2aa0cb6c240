import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asPage } from '../interactions/house.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson, type Person } from '../support/person.ts';
import { callApi, signInForApi } from './people.ts';
import { type Account, type App, addAccount, registerApp } from './protocol/app.ts';

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

describe.each(['postgres', 'embedded'] as const)('sessions, on %s', (database) => {
  let server: RunningGatehouse;
  let app: App;
  let other: App;
  let who: Account;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database });
    app = await registerApp(server, { skip_consent: true, client_name: 'Photo Album' });
    other = await registerApp(server, { skip_consent: true, client_name: 'Wiki' });
  }, 60_000);
  afterAll(() => server.dispose(), 60_000);

  const somebody = () => {
    count += 1;
    return addAccount(server, `sessions-${count}@example.org`);
  };
  const onPhone = (account: Account) =>
    signInForApi(server, app, account, { headers: { 'user-agent': safari } });
  const onDesk = (account: Account) =>
    signInForApi(server, app, account, { headers: { 'user-agent': firefox } });
  const list = async (token: string) => (await callApi(server, token, 'GET', '/sessions')).body.items ?? [];
  const isSignedIn = async (person: Person) =>
    (await person.visit(other.begin({ prompt: 'none' }).url)).url.searchParams.has('code');

  it('are listed with what their person knows them by, this one marked', async () => {
    who = await somebody();
    const phone = await onPhone(who);
    const desk = await onDesk(who);
    await desk.person.visit(other.begin().url);
    const seen = await list(desk.jwt);
    expect(seen).toHaveLength(2);
    const now = Date.now() / 1000;
    const atPhone = seen.find(({ current }) => current === false);
    const atDesk = seen.find(({ current }) => current === true);
    expect(atDesk).toMatchObject({
      device: { browser: 'Firefox', system: 'Linux', kind: 'computer' },
      ip: '127.0.0.1',
      place: null,
      amr: ['pwd'],
      acr: 'urn:gatehouse:acr:1fa',
      apps: [{ client_name: 'Photo Album' }, { client_name: 'Wiki' }].map((one) =>
        expect.objectContaining(one),
      ),
    });
    expect(atPhone).toMatchObject({
      device: { browser: 'Safari', system: 'iOS', kind: 'phone' },
      apps: [expect.objectContaining({ client_name: 'Photo Album' })],
    });
    for (const session of seen)
      for (const time of ['first_seen_at', 'last_seen_at', 'signed_in_at'])
        expect(Math.abs(now - Number(session[time]))).toBeLessThan(60);
    expect((await list(phone.jwt)).map(({ id, current }) => [id, current])).toEqual(
      seen.map(({ id, current }) => [id, current !== true]),
    );
    for (const secret of [phone, desk].flatMap(({ person, jwt }) => [
      String(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).sid),
      person.jar.header(new URL(server.issuer)) ?? '',
    ]))
      expect(JSON.stringify(seen)).not.toContain(secret);
  });

  it('end one by one: browser, refresh token and access token are dead when the answer is there', async () => {
    who = await somebody();
    const [phone, desk] = [await onPhone(who), await onDesk(who)];
    const ended = (await list(desk.jwt)).find(({ current }) => current === false);
    await expect(
      callApi(server, desk.jwt, 'DELETE', `/sessions/${String(ended?.id)}`),
    ).resolves.toMatchObject({ status: 204 });
    expect((await callApi(server, phone.jwt, 'GET', '/profile')).status).toBe(401);
    expect((await app.refresh(phone.refresh)).body.error).toBe('invalid_grant');
    expect(await isSignedIn(phone.person)).toBe(false);
    expect((await callApi(server, desk.jwt, 'GET', '/profile')).status).toBe(200);
    expect((await app.refresh(desk.refresh)).status).toBe(200);
    expect(await isSignedIn(desk.person)).toBe(true);
    const again = await callApi(server, desk.jwt, 'DELETE', `/sessions/${String(ended?.id)}`);
    expect([again.status, again.body.code]).toEqual([404, 'session_not_found']);
  });

  it('end all but this one, with what apps got in sessions that were over before', async () => {
    who = await somebody();
    const offline = await signInForApi(server, app, who, {
      scope: 'openid offline_access account:read',
      extra: { prompt: 'consent' },
    });
    await offline.person.visit('/oauth2/logout');
    await offline.person.submit({}, { button: 'yes' });
    expect((await app.refresh(offline.refresh)).status).toBe(200);
    const [phone, desk] = [await onPhone(who), await onDesk(who)];
    expect((await callApi(server, desk.jwt, 'DELETE', '/sessions')).status).toBe(204);
    expect((await app.refresh(offline.refresh)).status).toBe(400);
    expect((await app.refresh(phone.refresh)).status).toBe(400);
    expect(await isSignedIn(phone.person)).toBe(false);
    expect((await app.refresh(desk.refresh)).status).toBe(200);
    expect(await isSignedIn(desk.person)).toBe(true);
    expect(await list(desk.jwt)).toHaveLength(1);
  });

  it('end all, this one too', async () => {
    who = await somebody();
    const [phone, desk] = [await onPhone(who), await onDesk(who)];
    expect((await callApi(server, desk.jwt, 'DELETE', '/sessions?scope=all')).status).toBe(204);
    for (const { jwt, refresh, person } of [phone, desk]) {
      expect((await callApi(server, jwt, 'GET', '/profile')).status).toBe(401);
      expect((await app.refresh(refresh)).status).toBe(400);
      expect(await isSignedIn(person)).toBe(false);
    }
  });

  it('are nobody else’s to see or to end', async () => {
    const [ada, eve] = [await onDesk(await somebody()), await onDesk(await somebody())];
    const [hers] = await list(ada.jwt);
    expect(await list(eve.jwt)).toHaveLength(1);
    const answer = await callApi(server, eve.jwt, 'DELETE', `/sessions/${String(hers?.id)}`);
    expect([answer.status, answer.body.code]).toEqual([404, 'session_not_found']);
    const unknown = await callApi(server, eve.jwt, 'DELETE', `/sessions/${'0'.repeat(32)}`);
    const { error_id: _one, ...first } = answer.body;
    const { error_id: _other, ...second } = unknown.body;
    expect(first).toEqual(second);
    expect(await isSignedIn(ada.person)).toBe(true);
  });

  it('are shown and ended on a page, without script', async () => {
    who = await somebody();
    const [phone, desk] = [await onPhone(who), await onDesk(who)];
    const page = asPage(await desk.person.visit('/account/sessions'));
    expect(page.status).toBe(200);
    for (const words of ['Firefox on Linux', 'this browser', 'Safari on iOS', '127.0.0.1', 'Photo Album'])
      expect(page.text).toContain(words);
    const after = asPage(await desk.person.submit({}, { action: '/end-one' }));
    expect(after.text).toContain('The session has ended.');
    expect(after.text).toContain('You are signed in nowhere else.');
    expect(await isSignedIn(phone.person)).toBe(false);
    const third = await onPhone(who);
    await desk.person.visit('/account/sessions');
    const rest = asPage(await desk.person.submit({}, { action: '/end-others' }));
    expect(rest.text).toContain('All other sessions have ended.');
    expect(await isSignedIn(third.person)).toBe(false);
    const out = asPage(await desk.person.submit({}, { action: '/end-all' }));
    expect(out.url.pathname).toBe('/account/signed-out');
    expect(await isSignedIn(desk.person)).toBe(false);
  });

  it('are told of in the audit log, whoever ends them', async () => {
    who = await somebody();
    const [phone, desk] = [await onPhone(who), await onDesk(who)];
    const path = `users/${who.sub}/sessions`;
    const seen = (await server.admin('GET', path)).body.items ?? [];
    expect(seen).toHaveLength(2);
    expect(seen.map(({ current }) => current)).toEqual([false, false]);
    expect((await server.admin('DELETE', `${path}/${String(seen[0]?.id)}`)).status).toBe(204);
    expect((await server.admin('DELETE', `${path}/${String(seen[0]?.id)}`)).status).toBe(404);
    expect((await server.admin('DELETE', path)).status).toBe(204);
    expect((await server.admin('GET', path)).body.items).toEqual([]);
    expect((await server.admin('GET', 'users/nobody/sessions')).status).toBe(404);
    for (const { refresh } of [phone, desk]) expect((await app.refresh(refresh)).status).toBe(400);
  });
});

describe('sessions with a database that is no such thing', () => {
  it('keep the server from starting', async () => {
    const starting = startGatehouse({
      database: 'embedded',
      env: { GATEHOUSE_GEO_DATABASE_FILE: '/etc/hostname' },
    });
    await expect(starting).rejects.toThrow(/cannot be read as a database of places/);
  });
});

describe('the sessions of somebody who is no one', () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
  });
  afterAll(() => server.dispose());

  it('are not shown: the page asks for a sign-in and comes back', async () => {
    const who = await addAccount(server, 'comes-back@example.org');
    const person = makePerson(server.issuer);
    asPage(await person.visit('/account/sessions'));
    const seen = asPage(await person.signIn(who));
    expect(seen.url.pathname).toBe('/account/sessions');
    expect(seen.text).toContain('this browser');
  });
});
