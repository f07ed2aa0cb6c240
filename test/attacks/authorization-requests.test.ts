import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Attacked, startAttacked } from './fixture.ts';
import { expectRefusal } from './refusal.ts';

// C1 is registered for https://app.example/callback and nothing else.
const mutated = [
  'https://app.example/callback/extra',
  'https://app.example/callback/',
  'https://app.example/callback?',
  'https://app.example/callback?x=1',
  'https://app.example/callback#',
  'https://app.example/callback#code',
  'https://app.example/Callback',
  'https://APP.example/callback',
  'HTTPS://app.example/callback',
  'http://app.example/callback',
  'https://app.example:443/callback',
  'https://app.example:8443/callback',
  'https://app.example:/callback',
  'https://app.example./callback',
  'https://app.example//callback',
  'https://app.example/./callback',
  'https://app.example/x/../callback',
  'https://app.example/x/..;/callback',
  'https://app.example/callback/..;/evil',
  'https://app.example/callback;.css',
  'https://app.example/%63allback',
  'https://app.example/callback%2e',
  'https://app.example/callback%2f..%2fevil',
  'https://app.example/callback%20',
  'https://app.example/callback ',
  ' https://app.example/callback',
  'https://app.example/callback\t',
  'https://app.example/callback\r\nLocation: https://evil.example',
  'https://app.example/callback\\',
  'https:\\\\app.example\\callback',
  'https:/app.example/callback',
  'https:app.example/callback',
  '//app.example/callback',
  '/callback',
  'app.example/callback',
  'https://app\u3002example/callback',
  'https://\u0430pp.example/callback',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'urn:ietf:wg:oauth:2.0:oob',
];

const confused = [
  'https://app.example@evil.example/callback',
  'https://app.example:443@evil.example/callback',
  'https://evil.example@app.example/callback',
  'https://user:password@app.example/callback',
  'https://a@b@c@app.example/callback',
  'https://app.example%40evil.example/callback',
  'https://evil.example\\@app.example/callback',
  'https://evil.example#@app.example/callback',
  'https://evil.example?@app.example/callback',
  'https://app.example&@evil.example#@app.example/callback',
];

const matchedTooFar = [
  'https://appXexample/callback',
  'https://app.example.evil.example/callback',
  'https://evilapp.example/callback',
  'https://evil-app.example/callback',
  'https://sub.app.example/callback',
  'https://app.example.com/callback',
  'https://evil.example/https://app.example/callback',
  'https://evil.example/?https://app.example/callback',
  'https://app.example/callback/*',
  'https://app.example/*',
  'https://*/callback',
  '*',
];

describe('attacks on the authorization endpoint', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked();
  });
  afterAll(() => attacked.dispose());

  const authorize = (changes: Record<string, string>, process: 0 | 1 = 0) => {
    const { pathname, searchParams } = attacked.apps.c1.begin().url;
    for (const [name, value] of Object.entries(changes)) searchParams.set(name, value);
    return attacked.send(`${pathname}?${searchParams.toString()}`, {
      process,
      headers: { accept: 'text/html' },
    });
  };

  async function expectNoWayTo(redirectUris: readonly string[]): Promise<void> {
    for (const redirectUri of redirectUris) {
      const audit = { type: 'authorization.error', client_id: 'c1', reason: 'invalid_redirect_uri' };
      const answer = await expectRefusal(attacked, { status: 400, audit }, () =>
        authorize({ redirect_uri: redirectUri }),
      );
      expect(answer.headers).not.toHaveProperty('location');
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
      expect(answer.text).not.toContain('evil.example');
    }
  }

  it('A01 a redirect URI that is almost the registered one is refused on a page, and nobody is sent there', () =>
    expectNoWayTo(mutated));

  it('A02 a redirect URI that hides another host behind user names is refused on a page', () =>
    expectNoWayTo(confused));

  it('A03 a redirect URI that only a pattern or prefix would match is refused on a page', () =>
    expectNoWayTo(matchedTooFar));

  it('A03 a wildcard cannot be registered', async () => {
    for (const uri of [
      '*',
      'https://*.example/callback',
      'https://app.example/*',
      'https://app.example/call*',
    ]) {
      const body = { redirect_uris: [uri] };
      const answer = await attacked.servers[0].admin('POST', 'clients', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_redirect_uri' } });
    }
  });

  it('A01 a second fault beside the redirect URI does not open it, and is still one refusal', async () => {
    for (const fault of [
      { response_type: 'token' },
      { scope: 'openid "' },
      { code_challenge_method: 'plain' },
    ]) {
      const answer = await expectRefusal(
        attacked,
        { status: 400, audit: { type: 'authorization.error', client_id: 'c1' } },
        () => authorize({ redirect_uri: 'https://evil.example/', ...fault }),
      );
      expect(answer.headers).not.toHaveProperty('location');
    }
  });

  describe('A04 an address that would run in our pages', () => {
    const payloads = [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'JAVASCRIPT://app.example/%0aalert(1)',
      'data:text/html,<script>alert(1)</script>',
      'DATA:text/html;base64,PHNjcmlwdD4=',
      'file:///etc/passwd',
      'vbscript:msgbox(1)',
      ' javascript:alert(1)',
      'java\nscript:alert(1)',
    ];
    const fields = [
      'redirect_uris',
      'post_logout_redirect_uris',
      'logo_uri',
      'client_uri',
      'policy_uri',
      'tos_uri',
      'jwks_uri',
      'initiate_login_uri',
    ];

    it.each(fields)('A04 is stored in %s neither at registration nor at any change', async (field) => {
      const { c4 } = attacked.apps;
      const { pathname } = new URL(`${attacked.issuer}/api/admin/v1/clients`);
      const authorization = `Bearer ${await attacked.servers[0].adminToken()}`;
      const code = field === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
      for (const payload of payloads) {
        const faulty = { [field]: field.endsWith('s') ? [payload] : payload };
        const whole = { redirect_uris: ['https://other.example/callback'], ...faulty };
        const changes = [
          ['POST', pathname, whole],
          ['PUT', `${pathname}/${c4.registration.clientId}`, whole],
          ['PATCH', `${pathname}/${c4.registration.clientId}`, faulty],
        ] as const;
        for (const [method, path, body] of changes) {
          const audit = { type: 'admin.refused', actor_id: 'test-operator', reason: code };
          const answer = await expectRefusal(attacked, { status: 400, audit }, () =>
            attacked.send(path, {
              method,
              headers: { authorization, 'content-type': 'application/json' },
              body: JSON.stringify(body),
            }),
          );
          const problem: { code: string; errors: { field: string }[] } = JSON.parse(answer.text);
          expect(problem.code).toBe(code);
          expect(problem.errors.map((error) => error.field.split('.')[0])).toEqual([field]);
        }
      }
      const { body } = await attacked.servers[0].admin('GET', `clients/${c4.registration.clientId}`);
      expect(JSON.stringify(body)).not.toMatch(/script|data:|file:/i);
    });
  });
});
