/**
 * The engine alone, with its in-memory adapter and clients, keys and scopes like those of the measured server: what everything
 * that we add is compared with. Prints a line when it listens. `/codes?count=n` makes codes, as if people had signed in.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { systemClock } from '../../server/clock.ts';
import { randomIds } from '../../server/ids.ts';
import { makeSigningKeys } from '../../server/keys/make-signing-keys.ts';

const port = Number(process.env.PORT);
const clientId = process.env.CLIENT_ID ?? '';
const redirectUri = process.env.REDIRECT_URI ?? '';
const scope = 'openid profile email';
const keys = await makeSigningKeys({ clock: systemClock, ids: randomIds });
const provider = new Provider(`http://localhost:${port}`, {
  jwks: { keys: keys.map(({ jwk }) => jwk) },
  clients: [
    {
      client_id: clientId,
      client_secret: process.env.CLIENT_SECRET ?? '',
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [redirectUri],
    },
  ],
  claims: { openid: ['sub'], profile: ['name', 'updated_at'], email: ['email', 'email_verified'] },
  findAccount: async (_ctx, id) => ({
    accountId: id,
    claims: async () => ({
      sub: id,
      name: 'Person of the Test',
      updated_at: 1_795_538_640,
      email: 'person@example.org',
      email_verified: true,
    }),
  }),
  issueRefreshToken: async () => true,
  rotateRefreshToken: () => true,
  expiresWithSession: async () => false,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async (_ctx, resource) => ({
        audience: resource,
        scope: 'users:read clients:read',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

/** Each with a grant of its own, as each sign-in has one. */
async function makeCode(): Promise<{ code: string; verifier: string }> {
  const client = await provider.Client.find(clientId);
  if (client === undefined) throw new Error('the client is not there');
  const accountId = randomBytes(16).toString('base64url');
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  const verifier = randomBytes(32).toString('base64url');
  const code = new provider.AuthorizationCode({
    accountId,
    acr: 'urn:gatehouse:acr:1fa',
    amr: ['pwd'],
    authTime: Math.floor(Date.now() / 1000),
    client,
    codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
    codeChallengeMethod: 'S256',
    grantId: await grant.save(),
    gty: 'authorization_code',
    nonce: randomBytes(32).toString('base64url'),
    redirectUri,
    scope,
    sessionUid: randomBytes(32).toString('base64url'),
  });
  return { code: await code.save(), verifier };
}

async function sendCodes(res: ServerResponse, count: number): Promise<void> {
  const codes: { code: string; verifier: string }[] = [];
  while (codes.length < count) codes.push(await makeCode());
  res.end(JSON.stringify(codes));
}

const answer = provider.callback();
createServer((req, res) => {
  const count = /^\/codes\?count=(\d+)$/.exec(req.url ?? '')?.[1];
  void (count === undefined ? answer(req, res) : sendCodes(res, Number(count)));
}).listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));
