/**
 * The engine alone, with its in-memory adapter and the same client and resource server as the measured server: what
 * everything that we add is compared with. Prints its URL when it listens.
 */
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { systemClock } from '../../server/clock.ts';
import { randomIds } from '../../server/ids.ts';
import { makeSigningKeys } from '../../server/keys/make-signing-keys.ts';

const port = Number(process.env.PORT);
const issuer = `http://localhost:${port}`;
const keys = await makeSigningKeys({ clock: systemClock, ids: randomIds });
const provider = new Provider(issuer, {
  jwks: { keys: keys.map(({ jwk }) => jwk) },
  clients: [
    {
      client_id: process.env.CLIENT_ID ?? '',
      client_secret: process.env.CLIENT_SECRET ?? '',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
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
const answer = provider.callback();
createServer((req, res) => void answer(req, res)).listen(port, '127.0.0.1', () =>
  process.stdout.write('ready\n'),
);
