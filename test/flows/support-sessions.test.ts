import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asPage } from '../interactions/house.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { mailTo } from '../support/mailbox.ts';
import { makePerson, type Person } from '../support/person.ts';
import { callApi, signInForApi } from './people.ts';
import { type Account, type App, addAccount, registerApp } from './protocol/app.ts';

const reason = 'The export of the report fails, ticket 4711';
const payloadOf = (jwt: unknown) =>
  JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString());

describe.each(['postgres', 'embedded'] as const)('operators who act for somebody, on %s', (database) => {
  let server: RunningGatehouse;
  let console_: App;
  let app: App;
  let somebody: Account;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database });
    console_ = await registerApp(server, {
      skip_consent: true,
      scope: 'openid users:read users:impersonate roles:write',
    });
    app = await registerApp(server, { skip_consent: true, client_name: 'Wiki' });
  }, 60_000);
  afterAll(() => server.dispose(), 60_000);

  const person = (claims: Record<string, unknown> = {}) => {
    count += 1;
    return addAccount(server, `support-${count}@example.org`, claims);
  };

  /** Signed in at a console of an operator's, with a token for the admin API. */
  async function operator(who: { username: string; password: string }) {
    const browser = makePerson(server.issuer);
    const resource = `${server.issuer}/api/admin`;
    const scope = 'openid users:read users:impersonate';
    const { body } = await console_.signIn(browser, who, { scope, resource });
    const call = async (method: string, path: string, sent?: unknown) => {
      const answer = await fetch(`${resource}/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${String(body.access_token)}`,
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
    };
    return { browser, call, token: String(body.access_token) };
  }
  const admin = () => operator({ username: server.bootstrap.email, password: server.bootstrap.password });

  /** Presses the button of the page to begin with, and goes through the end of the operator's own session. */
  async function begin(browser: Person, url: string): Promise<void> {
    await browser.visit(url);
    await browser.submit({}, { action: '/account/support/' });
    if (browser.page().forms.some(({ action }) => action.includes('logout')))
      await browser.submit({}, { action: 'logout' });
  }

  it('announce it, are marked in every token, see the account, and change nothing', async () => {
    somebody = await person({ name: 'Ada' });
    const { browser, call } = await admin();
    const asked = await call('POST', `/users/${somebody.sub}/support-sessions`, { reason, minutes: 5 });
    expect(asked).toMatchObject({ status: 201, body: { state: 'asked', user: somebody.sub, reason } });
    await begin(browser, asked.body.url);
    const seen = asPage(await browser.visit(`${server.issuer}/account/profile`));
    expect(seen.text).toContain('You act for somebody else');
    expect(seen.text).toContain('Ada');

    const operatorId = asked.body.operator;
    const attempt = app.begin({ scope: 'openid offline_access', prompt: 'consent' });
    const { body } = await app.redeem(attempt, await browser.visit(attempt.url));
    expect(payloadOf(body.id_token)).toMatchObject({ sub: somebody.sub, act: { sub: operatorId } });
    expect(body.refresh_token).toBeUndefined();
    expect(Number(body.expires_in)).toBeLessThanOrEqual(300);
    const userinfo = await app.userinfo(String(body.access_token));
    expect(userinfo.body).toMatchObject({ sub: somebody.sub, act: { sub: operatorId } });

    const { jwt } = await signInForApi(server, app, somebody, { person: browser });
    expect(payloadOf(jwt)).toMatchObject({
      sub: somebody.sub,
      act: { sub: operatorId },
      scope: 'account:read',
    });
    expect((await callApi(server, jwt, 'GET', '/profile')).status).toBe(200);
    expect((await callApi(server, jwt, 'PATCH', '/profile', { name: 'Eve' })).status).toBe(403);
    for (const page of ['security', 'email', 'data']) {
      const refused = asPage(await browser.visit(`${server.issuer}/account/${page}`));
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('for the person alone')]);
    }
    const mail = await mailTo(server.issuer, somebody.username, 'Somebody acts in your account');
    expect(mail.text).toContain(reason);
    const audited = await server.admin('GET', `/users/${somebody.sub}/support-sessions`);
    expect(audited.body.items).toMatchObject([{ state: 'running', operator: operatorId }]);
  });

  it('are seen by the person among their sessions, who can end it at once', async () => {
    somebody = await person();
    const own = await signInForApi(server, app, somebody);
    const { browser, call } = await admin();
    const asked = await call('POST', `/users/${somebody.sub}/support-sessions`, { reason });
    await begin(browser, asked.body.url);
    const acting = await signInForApi(server, app, somebody, { person: browser });
    const sessions = (await callApi(server, own.jwt, 'GET', '/sessions')).body.items ?? [];
    const theirs = sessions.find(({ current }) => current === false);
    expect(theirs?.amr).toEqual([expect.stringMatching(/^urn:gatehouse:support:/)]);
    const page = asPage(await own.person.visit(`${server.issuer}/account/sessions`));
    expect(page.text).toContain('an operator, for you');
    await callApi(server, own.jwt, 'DELETE', `/sessions/${String(theirs?.id)}`);
    expect((await callApi(server, acting.jwt, 'GET', '/profile')).status).toBe(401);
    const again = await browser.visit(app.begin({ prompt: 'none' }).url);
    expect(again.url.searchParams.get('error')).toBe('login_required');
  });

  it('are ended by an operator, with every token', async () => {
    somebody = await person();
    const { browser, call } = await admin();
    const asked = await call('POST', `/users/${somebody.sub}/support-sessions`, { reason });
    await begin(browser, asked.body.url);
    const acting = await signInForApi(server, app, somebody, { person: browser });
    const path = `/users/${somebody.sub}/support-sessions/${asked.body.id}`;
    // The operator's own session in this browser has ended with the begin, and its token.
    expect((await call('DELETE', path)).status).toBe(401);
    const other = await admin();
    expect((await other.call('DELETE', path)).status).toBe(204);
    expect((await callApi(server, acting.jwt, 'GET', '/profile')).status).toBe(401);
    expect(await other.call('DELETE', path)).toMatchObject({
      status: 404,
      body: { code: 'support_session_not_found' },
    });
  });

  it('begin once, in their own browser alone, and what is not allowed begins nothing', async () => {
    somebody = await person();
    const { browser, call } = await admin();
    const asked = await call('POST', `/users/${somebody.sub}/support-sessions`, { reason });
    const stranger = makePerson(server.issuer);
    await stranger.visit(asked.body.url);
    const refused = asPage(await stranger.signIn(await person()));
    expect([refused.status, refused.text]).toEqual([404, expect.stringContaining('nothing to begin')]);
    await begin(browser, asked.body.url);
    expect(asPage(await browser.visit(asked.body.url)).status).toBe(403);
    const later = await admin();
    expect(asPage(await later.browser.visit(asked.body.url)).status).toBe(404);

    const body = { reason };
    const bad = [
      [`/users/${asked.body.operator}/support-sessions`, body, 409],
      ['/users/nobody/support-sessions', body, 404],
      [`/users/${somebody.sub}/support-sessions`, { reason: 'short' }, 400],
      [`/users/${somebody.sub}/support-sessions`, { reason, minutes: 61 }, 400],
      [`/users/${somebody.sub}/support-sessions`, { reason, operator: somebody.sub }, 400],
    ] as const;
    for (const [path, sent, status] of bad)
      expect([path, (await later.call('POST', path, sent)).status]).toEqual([path, status]);
    const byService = await server.admin('POST', `/users/${somebody.sub}/support-sessions`, body);
    expect(byService.status).toBe(403);
  });

  it('I02: never act for somebody who may do more, nor after the permission is gone', async () => {
    const small = { resource: `${server.issuer}/api/admin`, scope: 'users:impersonate' };
    const read = { ...small, scope: 'users:read' };
    const name = `support-${database}`;
    const made = await server.admin('POST', '/roles', {
      name,
      description: 'Support',
      permissions: [small, read],
    });
    expect(made.status).toBe(201);
    const supporter = await person({ roles: [name] });
    const { browser, call } = await operator(supporter);
    const toAdmin = await server.admin('GET', `/users?search=${encodeURIComponent(server.bootstrap.email)}`);
    const [boss] = toAdmin.body.items ?? [];
    const up = await call('POST', `/users/${String(boss?.sub)}/support-sessions`, { reason });
    expect([up.status, up.body.code]).toEqual([403, 'forbidden']);
    somebody = await person();
    const asked = await call('POST', `/users/${somebody.sub}/support-sessions`, { reason });
    expect(asked.status).toBe(201);
    await browser.visit(asked.body.url);
    await server.admin('PATCH', `/users/${supporter.sub}`, { roles: [] });
    const refused = asPage(await browser.submit({}, { action: '/account/support/' }));
    expect(refused.status).toBe(403);
    const listed = await server.admin('GET', `/users/${somebody.sub}/support-sessions`);
    expect(listed.body.items).toMatchObject([{ state: 'asked' }]);
  });
});
