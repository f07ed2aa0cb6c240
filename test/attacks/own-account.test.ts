import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type App, addAccount, registerApp, shown } from '../flows/protocol/app.ts';
import type { HttpRequest } from '../support/http.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { makePerson, type Person } from '../support/person.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const scope = 'openid account:read account:write account:security';
const api = '/api/account/v1';

describe('attacks on what people do with their own account', () => {
  let attacked: Attacked;
  let app: App;
  let count = 0;
  beforeAll(async () => {
    attacked = await startAttacked();
    app = await registerApp(attacked.servers[0], { skip_consent: true, scope });
  }, 120_000);
  afterAll(() => attacked.dispose(), 60_000);

  const newPerson = (claims: Record<string, unknown> = {}): Promise<Account> =>
    addAccount(attacked.servers[0], `own-${count++}@example.org`, claims);
  const tokenOf = async (who: Account, person = makePerson(attacked.issuer)): Promise<string> => {
    const { body } = await app.signIn(person, who, { scope, resource: `${attacked.issuer}/api/account` });
    return String(body.access_token);
  };
  const call = (token: string, method: string, path: string, body?: unknown, process: 0 | 1 = 1) => {
    const request: HttpRequest = {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
    return attacked.send(`${api}${path}`, { ...request, process });
  };
  const askFor = async (who: Account, email: string): Promise<URL> => {
    await attacked.database.rows('delete from mail_allowance');
    expect((await call(await tokenOf(who), 'POST', '/email', { email })).status).toBe(202);
    return linkTo('/confirm-email', await mailTo(attacked.issuer, email, 'Confirm your new'));
  };
  const open = async (link: URL | string): Promise<{ person: Person; status: number; text: string }> => {
    const person = makePerson(attacked.issuer);
    const { status, text } = shown(await person.visit(link));
    return { person, status, text };
  };
  const stored = async (sub: string): Promise<string> => {
    const rows = await attacked.database.rows(
      `select email, email_verified, username, profile, status, version,
         array(select role_name from account_role where account_id = id) as roles
       from account where id = '${sub}'`,
    );
    return JSON.stringify(rows);
  };

  describe('F05: a link that is not the one', () => {
    it('does nothing after a newer one was sent', async () => {
      const who = await newPerson();
      const older = await askFor(who, 'older@example.net');
      const newer = await askFor(who, 'newer@example.net');
      expect(await open(older)).toMatchObject({ status: 400, text: expect.stringContaining('newer link') });
      const { person } = await open(newer);
      expect(shown(await person.submit({})).status).toBe(200);
    });

    it('does nothing when its time is over, nor with the token of another kind of link', async () => {
      const who = await newPerson();
      const link = await askFor(who, 'late@example.net');
      for (const path of [
        '/undo-email',
        '/confirm-notification-email',
        '/cancel-deletion',
        '/reset-password',
      ]) {
        const other = new URL(link);
        other.pathname = path;
        expect((await open(other)).status).toBe(400);
      }
      const { person } = await open(link);
      await attacked.database.rows(
        `update one_time_link set expires_at = now() - interval '1 second' where subject_id = '${who.sub}'`,
      );
      expect(shown(await person.submit({}))).toMatchObject({
        ...{ status: 400, text: expect.stringContaining('too old') },
      });
    });

    it('sets no password that was sent to the address of before', async () => {
      const who = await newPerson();
      const person = makePerson(attacked.issuer);
      await person.visit('/forgot-password');
      await person.submit({ email: who.username });
      const reset = linkTo('/reset-password', await mailTo(attacked.issuer, who.username, 'Set a new'));
      const { person: reader } = await open(await askFor(who, 'moved@example.net'));
      await reader.submit({});
      expect((await open(reset)).status).toBe(400);
    });

    it('changes the address once, of 20 who press its button at the same moment on two processes', async () => {
      const who = await newPerson();
      const { person } = await open(await askFor(who, 'race@example.net'));
      const [form] = person.page().forms;
      const url = new URL('/confirm-email', attacked.issuer);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          attacked.send('/confirm-email', {
            method: 'POST',
            body: new URLSearchParams(form?.values).toString(),
            headers: {
              cookie: person.jar.header(url) ?? '',
              'content-type': 'application/x-www-form-urlencoded',
              origin: attacked.issuer,
            },
            process: index % 2 === 0 ? 0 : 1,
          }),
        ),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
    });
  });

  it('F06: who only looks uses no link up, and no address of one leaks', async () => {
    const who = await newPerson();
    const link = await askFor(who, 'scanned@example.net');
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) {
      const answer = await attacked.send(`${link.pathname}${link.search}`, { method });
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({ 'referrer-policy': 'same-origin', 'cache-control': 'no-store' });
    }
    const { person } = await open(link);
    expect(shown(await person.submit({})).status).toBe(200);
    const undo = linkTo('/undo-email', await mailTo(attacked.issuer, who.username, 'has changed'));
    expect((await attacked.send(`${undo.pathname}${undo.search}`, { method: 'HEAD' })).status).toBe(200);
    const { person: owner } = await open(undo);
    expect(shown(await owner.submit({})).status).toBe(200);
    expect(attacked.output()).not.toContain(link.searchParams.get('token'));
  });

  it('F11: nobody changes or verifies an address by their profile; the old one counts until the new is confirmed', async () => {
    const who = await newPerson({ email_verified: false });
    const token = await tokenOf(who);
    const before = await stored(who.sub);
    for (const body of [{ email: 'x@example.net' }, { email_verified: true }, { email: null }])
      expect((await call(token, 'PATCH', '/profile', body)).status).toBe(400);
    const link = await askFor(who, 'wanted@example.net');
    expect(await stored(who.sub)).toBe(before);
    const { person } = await open(link);
    await person.submit({});
    expect(await stored(who.sub)).toContain('wanted@example.net');
    await mailTo(attacked.issuer, who.username, 'has changed');
  });

  it('C11: nothing sensitive is done in a session that is not fresh', async () => {
    const who = await newPerson();
    const person = makePerson(attacked.issuer);
    await tokenOf(who, person);
    await attacked.database.rows(
      `update oidc_artifact set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::int - 301))
       where model = 'Session' and account_id = '${who.sub}'`,
    );
    const attempt = app.begin({ scope, resource: `${attacked.issuer}/api/account` });
    const { body } = await app.redeem(attempt, await person.visit(attempt.url));
    const token = String(body.access_token);
    const sensitive: [string, string, unknown][] = [
      ['POST', '/email', { email: 'x@example.net' }],
      ['POST', '/notification-email', { email: 'x@example.net' }],
      ['DELETE', '/notification-email', undefined],
      ['GET', '/export', undefined],
      ['DELETE', '/', { confirmation: who.username }],
    ];
    for (const [method, path, sent] of sensitive) {
      const answer = await call(token, method, path, sent);
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer.headers['www-authenticate']).toContain('insufficient_user_authentication');
    }
    for (const path of ['/account/email', '/account/data'])
      expect(shown(await person.visit(path)).text).toContain('Sign in');
    expect(await stored(who.sub)).toContain(who.username);
  });

  it('C09, F14: after a deletion nothing old works, and the same address is somebody else', async () => {
    const who = await newPerson();
    const person = makePerson(attacked.issuer);
    const { body } = await attacked.apps.c1.signIn(person, who, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const token = await tokenOf(who);
    expect((await call(token, 'DELETE', '/', { confirmation: who.username })).status).toBe(200);
    expect((await call(token, 'GET', '/profile', undefined, 0)).status).toBe(401);
    const userinfo = await attacked.send('/oauth2/userinfo', {
      headers: { authorization: `Bearer ${String(body.access_token)}` },
    });
    expect(userinfo.status).toBe(401);
    const refresh = await attacked.apps.c1.post('token', {
      ...{ grant_type: 'refresh_token', refresh_token: String(body.refresh_token) },
    });
    expect(refresh).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const later = await addAccount(attacked.servers[1], who.username);
    expect(later.sub).not.toBe(who.sub);
    await person.visit('/account/profile');
    expect(person.page().text).toContain('Sign in');
    expect((await call(token, 'GET', '/profile')).status).toBe(401);
    const left = await attacked.database.rows(`select 1 from consent where account_id = '${later.sub}'`);
    expect(left).toEqual([]);
  });

  it.each([
    ['sub', 'someone-else'],
    ['id', 'someone-else'],
    ['email', 'x@example.net'],
    ['email_verified', true],
    ['emailVerified', true],
    ['phone_number_verified', true],
    ['roles', ['admin']],
    ['role', 'admin'],
    ['scopes', ['admin']],
    ['status', 'active'],
    ['disabled', false],
    ['password', 'a password that is long enough'],
    ['passwordHash', '$argon2id$'],
    ['picture', 'https://evil.example/pixel.png'],
    ['created_at', 0],
    ['updated_at', 0],
    ['version', 1],
    ['preferred_username', 'administrator'],
  ])('I01: %s is no field that a person may write', async (field, value) => {
    const who = await newPerson();
    const token = await tokenOf(who);
    const before = await stored(who.sub);
    for (const body of [{ [field]: value }, { nickname: 'x', [field]: value }])
      expect((await call(token, 'PATCH', '/profile', body)).status).toBe(400);
    for (const body of ['{"__proto__":{"roles":["admin"]}}', '{"constructor":{"prototype":{"x":1}}}'])
      expect((await call(token, 'PATCH', '/profile', body)).status).toBe(400);
    expect(await stored(who.sub)).toBe(before);
  });

  it('I01: a form of the profile page writes no other field either', async () => {
    const who = await newPerson();
    const person = makePerson(attacked.issuer);
    await tokenOf(who, person);
    await person.visit('/account/profile');
    const url = new URL('/account/profile', attacked.issuer);
    const [form] = person.page().forms;
    const extra = {
      email: 'x@example.net',
      roles: 'admin',
      status: 'disabled',
      sub: 'x',
      picture: 'https://e.example/',
    };
    const before = await stored(who.sub);
    await attacked.send('/account/profile', {
      method: 'POST',
      body: new URLSearchParams({ ...form?.values, ...extra }).toString(),
      headers: {
        cookie: person.jar.header(url) ?? '',
        'content-type': 'application/x-www-form-urlencoded',
        origin: attacked.issuer,
      },
    });
    expect(await stored(who.sub)).toBe(before);
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    '</textarea></select><svg onload=alert(1)>',
    '{{7*7}} #{7*7}',
    '&lt;b&gt;',
  ])('J01: %s as a name is text on each page that shows it', async (name) => {
    const who = await newPerson();
    const person = makePerson(attacked.issuer);
    const token = await tokenOf(who, person);
    expect((await call(token, 'PATCH', '/profile', { name, nickname: name })).status).toBe(200);
    const page = shown(await person.visit('/account/profile'));
    expect(page.forms[0]?.values).toMatchObject({ name, nickname: name });
    const elements = page.html.replaceAll(/"[^"]*"/g, '""');
    expect(elements).not.toMatch(/<script>|<img src=x|<svg onload|\sonfocus=/);
    for (const field of ['website', 'profile'])
      expect((await call(token, 'PATCH', '/profile', { [field]: `javascript:${name}` })).status).toBe(400);
  });
});
