import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { type App, signInAndAllow } from '../flows/protocol/app.ts';
import { makePerson } from '../support/person.ts';
import { basic } from '../support/relying-party.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { mutationsOf } from './mutations.ts';
import { expectRefusal } from './refusal.ts';

describe('attacks on tokens', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked();
  });
  afterAll(() => attacked.dispose());

  const signIn = async (app: App, extra: Record<string, string> = {}) => {
    const { status, body } = await signInAndAllow(
      app,
      makePerson(attacked.issuer),
      attacked.people.admin,
      extra,
    );
    expect(status).toBe(200);
    const { access_token: access = '', id_token: id = '', refresh_token: refresh = '' } = body;
    return { access, id, refresh };
  };

  const bearing = (token: string, path: string) =>
    attacked.send(path, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } });

  const introspect = async (app: App, token: string) => {
    const { clientId, clientSecret = '' } = app.registration;
    const answer = await attacked.send('/oauth2/introspect', {
      method: 'POST',
      headers: {
        authorization: basic(clientId, clientSecret),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token }).toString(),
    });
    return { status: answer.status, body: JSON.parse(answer.text) };
  };

  describe('B14', () => {
    const adminApi = '/api/admin/v1/users';
    const userinfo = '/oauth2/userinfo';

    it('B14 an access token for an API says so in its type, and names that API and nothing else', async () => {
      const resource = `${attacked.issuer}/api/account`;
      const { access } = await signIn(attacked.apps.c1, { resource, scope: 'openid account:read' });
      expect(decodeProtectedHeader(access)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
      expect(decodeJwt(access).aud).toBe(resource);
    });

    it('B14 no token opens what it is not for', async () => {
      const { apps, issuer, servers } = attacked;
      const plain = await signIn(apps.c2);
      const forAccount = await signIn(apps.c1, {
        resource: `${issuer}/api/account`,
        scope: 'openid account:read',
      });
      const forAdmin = await servers[0].adminToken(['users:read']);
      const elsewhere: [what: string, token: string, path: string, type: string][] = [
        ['an ID token', plain.id, userinfo, 'protocol.error'],
        ['an ID token', plain.id, adminApi, 'admin.refused'],
        ['a refresh token', plain.refresh, userinfo, 'protocol.error'],
        ['a refresh token', plain.refresh, adminApi, 'admin.refused'],
        ['an access token for userinfo', plain.access, adminApi, 'admin.refused'],
        ['an access token for the account API', forAccount.access, adminApi, 'admin.refused'],
        ['an access token for the account API', forAccount.access, userinfo, 'protocol.error'],
        ['an access token for the admin API', forAdmin, userinfo, 'protocol.error'],
        ['the secret of a client', apps.c2.registration.clientSecret ?? '', userinfo, 'protocol.error'],
        ['the secret of a client', apps.c2.registration.clientSecret ?? '', adminApi, 'admin.refused'],
      ];
      for (const [, token, path, type] of elsewhere) {
        const answer = await expectRefusal(attacked, { status: 401, audit: { type } }, () =>
          bearing(token, path),
        );
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer .*error="invalid_token"/);
      }
    });

    it('B14 a token that somebody else has signed, or nobody, or that is of another type, opens nothing', async () => {
      const token = await attacked.servers[0].adminToken(['users:read']);
      const [header, payload, signature] = token.split('.');
      const claims = decodeJwt(token);
      const recode = (changes: object) =>
        Buffer.from(JSON.stringify({ ...decodeProtectedHeader(token), ...changes })).toString('base64url');
      const foreign = (typ: string) =>
        new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ, kid: 'c3' }).sign(attacked.keyOfC3);
      const forged = [
        `${recode({ alg: 'none' })}.${payload}.`,
        `${recode({ alg: 'none' })}.${payload}.${signature}`,
        `${recode({ alg: 'HS256' })}.${payload}.${signature}`,
        `${recode({ typ: 'JWT' })}.${payload}.${signature}`,
        `${recode({ typ: 'logout+jwt' })}.${payload}.${signature}`,
        `${recode({ jwk: { kty: 'oct', k: 'AA' } })}.${payload}.${signature}`,
        `${header}.${payload}.`,
        `${header}.${payload}`,
        `${header}..${signature}`,
        await foreign('at+jwt'),
        await foreign('logout+jwt'),
      ];
      for (const bad of forged) {
        const audit = { type: 'admin.refused', reason: 'invalid_token' };
        await expectRefusal(attacked, { status: 401, audit }, () => bearing(bad, adminApi));
        await expect(introspect(attacked.apps.c2, bad)).resolves.not.toMatchObject({
          body: { active: true },
        });
      }
    });
  });

  it('B17 an opaque token with any single character changed, cut off or added is no token', async () => {
    const { c2 } = attacked.apps;
    const { access, refresh } = await signIn(c2);
    const all = [...mutationsOf(access), ...mutationsOf(refresh)];
    expect(all.length).toBeGreaterThan(200);
    for (const token of all)
      await expect(introspect(c2, token)).resolves.toEqual({ status: 200, body: { active: false } });
    const presentable = mutationsOf(access).filter((mutation) => /^[\w-]+$/.test(mutation));
    const answers = await Promise.all(presentable.map((token) => bearing(token, '/oauth2/userinfo')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    const audit = { type: 'protocol.error', reason: 'invalid_token' };
    await expectRefusal(attacked, { status: 401, audit }, () => bearing(`${access}A`, '/oauth2/userinfo'));
    for (const token of [access, refresh])
      await expect(introspect(c2, token)).resolves.toMatchObject({ body: { active: true } });
  });

  describe('B18', () => {
    const unknown = [
      'password',
      'implicit',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:ietf:params:oauth:grant-type:saml2-bearer',
      'urn:openid:params:grant-type:ciba',
      'urn:ietf:params:oauth:grant-type:pre-authorized_code',
      'Authorization_Code',
      '__proto__',
      'constructor',
    ];
    const ask = async (app: App, form: Record<string, string>) => {
      const { clientId, clientSecret } = app.registration;
      const proof =
        app === attacked.apps.c3
          ? {
              client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
              client_assertion: await assertionOfC3(),
            }
          : {};
      return attacked.send('/oauth2/token', {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) }),
        },
        body: new URLSearchParams({ client_id: clientId, ...proof, ...form }).toString(),
      });
    };
    const assertionOfC3 = () =>
      new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'c3' })
        .setIssuer('c3')
        .setSubject('c3')
        .setAudience(attacked.issuer)
        .setExpirationTime('1m')
        .setIssuedAt()
        .sign(attacked.keyOfC3);

    it.each(['c1', 'c2', 'c4'] as const)(
      'B18 grant types that the server does not have are refused to %s',
      async (name) => {
        const app = attacked.apps[name];
        const { username, password } = attacked.people.user;
        for (const grantType of unknown) {
          const audit = { type: 'grant.error', client_id: name, reason: 'unsupported_grant_type' };
          const answer = await expectRefusal(attacked, { status: 400, audit }, () =>
            ask(app, { grant_type: grantType, username, password, scope: 'openid' }),
          );
          expect(JSON.parse(answer.text)).toMatchObject({ error: 'unsupported_grant_type' });
        }
      },
    );

    it('B18 grant types that the server does not have are refused to a client with a key', async () => {
      for (const grantType of unknown) {
        const answer = await ask(attacked.apps.c3, { grant_type: grantType });
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.text)).toMatchObject({ error: 'unsupported_grant_type' });
      }
    });

    it('B18 grant types that a client is not registered for are refused to it', async () => {
      const { apps, partialAdmin } = attacked;
      const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';
      const refused: [App, string][] = [
        [apps.c1, 'client_credentials'],
        [apps.c2, 'client_credentials'],
        [apps.c4, deviceCode],
        [partialAdmin, 'authorization_code'],
        [partialAdmin, 'refresh_token'],
        [partialAdmin, deviceCode],
      ];
      for (const [app, grantType] of refused) {
        const audit = {
          type: 'grant.error',
          client_id: app.registration.clientId,
          reason: 'unauthorized_client',
        };
        const answer = await expectRefusal(attacked, { status: 400, audit }, () =>
          ask(app, {
            grant_type: grantType,
            code: 'x',
            refresh_token: 'x',
            device_code: 'x',
            redirect_uri: 'x',
          }),
        );
        expect(JSON.parse(answer.text)).toMatchObject({ error: 'unauthorized_client' });
      }
    });

    it.each([
      'token',
      'id_token',
      'id_token token',
      'code token',
      'code id_token',
      'code id_token token',
      'none',
    ])('B18 the response type %s gives no token into the browser', async (responseType) => {
      const { url } = attacked.apps.c1.begin({ response_type: responseType });
      const audit = { type: 'authorization.error', client_id: 'c1', reason: 'unsupported_response_type' };
      const answer = await expectRefusal(attacked, { status: 303, audit }, () =>
        attacked.send(url.pathname + url.search),
      );
      const location = new URL(answer.headers.location ?? '');
      const said = new URLSearchParams(location.search || location.hash.slice(1));
      expect(said.get('error')).toBe('unsupported_response_type');
      for (const token of ['access_token', 'id_token', 'code']) expect(said.has(token)).toBe(false);
    });
  });
});
