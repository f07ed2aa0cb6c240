import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  type CryptoKey as Key,
  SignJWT,
} from 'jose';
import { systemClock } from '../../../server/clock.ts';
import { randomIds } from '../../../server/ids.ts';
import { makeSigningKeys } from '../../../server/keys/make-signing-keys.ts';
import type { SigningKey } from '../../../server/keys/signing-key.ts';
import { makeVerifyAccessToken, type VerifyAccessToken } from '../../../server/oidc/access-token.ts';
import type { TokenRoot } from '../../../server/sessions/token-standing.ts';

const issuer = 'https://id.example';
const now = new Date('2031-03-04T05:06:07Z');
const seconds = now.getTime() / 1000;
const invalid = { kind: 'invalid' };

let keys: SigningKey[];
let ended: TokenRoot[];
let asked: number;
let verify: VerifyAccessToken;
beforeAll(async () => {
  keys = await makeSigningKeys({ clock: systemClock, ids: randomIds });
  verify = makeVerifyAccessToken({
    issuer,
    keys,
    now: () => now,
    standing: {
      async stands(root) {
        asked += 1;
        const isOver = ended.some((other) => JSON.stringify(other) === JSON.stringify(root));
        return isOver ? undefined : { roles: [], registered: null };
      },
    },
    isWider: async ({ scope }) => scope === 'too:wide',
  });
  ended = [];
  asked = 0;
});

const keyFor = (purpose: SigningKey['purpose']): SigningKey => {
  const found = keys.find((key) => key.purpose === purpose);
  if (found === undefined) throw new Error(`no key for ${purpose}`);
  return found;
};

const ofPerson = (): JWTPayload => ({
  iss: issuer,
  sub: 'person',
  client_id: 'app',
  aud: `${issuer}/api/account`,
  scope: 'account:read',
  jti: 'j1',
  iat: seconds - 10,
  exp: seconds + 590,
  sid: 'session',
  grant_ref: 'grant',
});
const ofService = (): JWTPayload => ({
  ...ofPerson(),
  sub: 'app',
  sid: undefined,
  grant_ref: 'registration',
});

async function sign(
  claims: JWTPayload,
  { header = {}, purpose = 'es256' }: { header?: object; purpose?: SigningKey['purpose'] } = {},
): Promise<string> {
  const { jwk, kid } = keyFor(purpose);
  const alg = { rsa: 'RS256', es256: 'ES256', eddsa: 'EdDSA' }[purpose];
  return new SignJWT(claims)
    .setProtectedHeader({ alg, typ: 'at+jwt', kid, ...header })
    .sign(await importJWK(jwk as JWK, alg), { crit: { 'https://odd.example': true } });
}

describe('an access token of ours', () => {
  it('is valid with all that it says, and hangs from the grant of a person', async () => {
    await expect(verify(await sign(ofPerson()))).resolves.toEqual({
      kind: 'valid',
      claims: ofPerson(),
      root: { kind: 'grant', grantId: 'grant' },
    });
  });

  it('that a service got for itself hangs from the registration of its client', async () => {
    await expect(verify(await sign(ofService()))).resolves.toMatchObject({
      kind: 'valid',
      root: { kind: 'client', clientId: 'app', ref: 'registration', jti: 'j1', expiresAt: seconds + 590 },
    });
  });

  it('is invalid when what it hangs from has ended', async () => {
    ended = [{ kind: 'grant', grantId: 'grant' }];
    await expect(verify(await sign(ofPerson()))).resolves.toEqual(invalid);
    await expect(verify(await sign({ ...ofPerson(), grant_ref: 'another' }))).resolves.toMatchObject({
      kind: 'valid',
    });
    ended = [];
  });

  it('that says more than its holder may do now has ended, but not what it hangs from', async () => {
    await expect(verify(await sign({ ...ofPerson(), scope: 'too:wide' }))).resolves.toMatchObject({
      kind: 'wider',
      root: { kind: 'grant', grantId: 'grant' },
    });
  });

  it('of the version before, without a reference, is good for a service and not for a person', async () => {
    const { grant_ref: _ref, ...service } = ofService();
    await expect(verify(await sign(service))).resolves.toMatchObject({
      root: { kind: 'client', ref: undefined },
    });
    const { grant_ref: _grant, ...person } = ofPerson();
    await expect(verify(await sign(person))).resolves.toEqual(invalid);
  });

  it('may come without any scope', async () => {
    const { scope: _scope, ...claims } = ofPerson();
    await expect(verify(await sign(claims))).resolves.toMatchObject({ kind: 'valid', claims: { scope: '' } });
  });
});

describe('what is not an access token of ours', () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(ofPerson()).filter(([key]) => key !== name));
  const unsigned = (header: object, claims: object, signature = '') =>
    [
      ...[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')),
      signature,
    ].join('.');

  it.each<[what: string, token: () => Promise<string>]>([
    ['has expired', () => sign({ ...ofPerson(), exp: seconds })],
    ['is of another issuer', () => sign({ ...ofPerson(), iss: 'https://other.example' })],
    ['is of our issuer with a slash', () => sign({ ...ofPerson(), iss: `${issuer}/` })],
    [
      'is an ID token',
      () => sign({ ...ofPerson(), aud: 'app' }, { purpose: 'rsa', header: { typ: undefined } }),
    ],
    ['has no type', () => sign(ofPerson(), { header: { typ: undefined } })],
    ['has the type of any JWT', () => sign(ofPerson(), { header: { typ: 'JWT' } })],
    ['is a logout token', () => sign(ofPerson(), { header: { typ: 'logout+jwt' } })],
    ['is signed with our RSA key', () => sign(ofPerson(), { purpose: 'rsa' })],
    ['is signed with our Ed25519 key', () => sign(ofPerson(), { purpose: 'eddsa' })],
    [
      'demands what nobody knows',
      () => sign(ofPerson(), { header: { crit: ['https://odd.example'], 'https://odd.example': 1 } }),
    ],
    ['has two audiences', () => sign({ ...ofPerson(), aud: ['a', 'b'] })],
    ['has one audience in a list', () => sign({ ...ofPerson(), aud: ['a'] })],
    ['says that nobody has signed it', async () => unsigned({ alg: 'none', typ: 'at+jwt' }, ofPerson())],
    ['has no payload', async () => unsigned({ alg: 'ES256', typ: 'at+jwt' }, []).replace('W10', '')],
    ...['iss', 'sub', 'client_id', 'aud', 'jti', 'iat', 'exp'].map(
      (name): [string, () => Promise<string>] => [`lacks ${name}`, () => sign(without(name))],
    ),
  ])('is refused when it %s, and the storage is not asked', async (_what, token) => {
    asked = 0;
    await expect(verify(await token())).resolves.toEqual(invalid);
    expect(asked).toBe(0);
  });

  it('is refused when it is signed with the public key as a secret (RFC 8725 2.1)', async () => {
    const { jwk, kid } = keyFor('es256');
    const { d: _private, ...shown } = jwk;
    const pem = await exportSPKI((await importJWK(shown as JWK, 'ES256')) as Key);
    for (const secret of [pem, pem.trim(), JSON.stringify(shown), String(jwk.x)]) {
      const signed = unsigned({ alg: 'HS256', typ: 'at+jwt', kid }, ofPerson()).slice(0, -1);
      const signature = createHmac('sha256', secret).update(signed).digest('base64url');
      await expect(verify(`${signed}.${signature}`)).resolves.toEqual(invalid);
    }
  });

  it('is refused when it brings its own key, or names one that is not ours', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const { kid } = keyFor('es256');
    const jwk = await crypto.subtle.exportKey('jwk', publicKey);
    for (const header of [{ kid }, { kid: 'theirs' }, { jwk }, { jku: 'https://evil.example/keys' }, {}]) {
      const token = new SignJWT(ofPerson())
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
        .sign(privateKey);
      await expect(verify(await token)).resolves.toEqual(invalid);
    }
  });

  it('is refused in any spelling but its own', async () => {
    const good = await sign(ofPerson());
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(good.slice(-1));
    // 64 bytes are 85 characters and two bits.
    const others = [1, 2, 3, 15].map((bits) => good.slice(0, -1) + alphabet[last ^ bits]);
    for (const pad of [' ', '\n', '\t', '=', '==', '.', '\0', 'A']) others.push(good + pad, pad + good);
    const [header = '', ...rest] = good.split('.');
    others.push([`${header} `, ...rest].join('.'), [`${header}=`, ...rest].join('.'));
    if (/[-_]/.test(good)) others.push(good.replaceAll('-', '+').replaceAll('_', '/'));
    for (const token of others) await expect(verify(token)).resolves.toEqual(invalid);
    await expect(verify(good)).resolves.toMatchObject({ kind: 'valid' });
  });

  it('is refused whatever it is, and never fails', async () => {
    const good = await sign(ofPerson());
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc.constantFrom(...good.split('.')),
    );
    const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.'));
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        if (token !== good) await expect(verify(token)).resolves.toEqual(invalid);
      }),
      { numRuns: 2000 },
    );
  });
});
