import { waitFor } from '../../support/wait-for.ts';
import type { Mistake } from './mistakes-of-requests.ts';

const inSeconds = () => Math.floor(Date.now() / 1000);

/** Around the engine: at our own APIs, by the method, and with a secret that has ended. */
export const mistakesOfCallers: readonly Mistake[] = [
  {
    code: 'method_not_allowed',
    client: null,
    make: ({ send }) => send('/oauth2/token?grant_type=client_credentials'),
    facts: { method: 'GET' },
  },
  {
    code: 'access_token_audience_wrong',
    client: 'test-operator',
    async make({ servers: [first], send }) {
      const token = await first?.adminToken(['audit:read']);
      return send('/api/account/v1/profile', { headers: { authorization: `Bearer ${String(token)}` } });
    },
    facts: { api: 'the account API' },
  },
  {
    code: 'access_token_scope_missing',
    client: 'test-operator',
    async make({ servers: [first], send }) {
      const token = await first?.adminToken(['audit:read']);
      return send('/api/admin/v1/users', { headers: { authorization: `Bearer ${String(token)}` } });
    },
  },
  {
    code: 'secret_expired',
    client: 'other-app',
    async make({ servers: [first], token, apps }) {
      const { registration } = apps.other;
      const ask = async (method: string, path: string, body: unknown) =>
        (await first?.admin(method, `clients/${registration.clientId}/secrets${path}`, body))?.body ?? {};
      const made = await ask('POST', '', { description: 'Short', expires_at: inSeconds() + 2 });
      const authorization = `Basic ${btoa(`other-app:${String(made.client_secret)}`)}`;
      // Until then the code is what is refused.
      return waitFor('the secret has ended', async () => {
        const answer = await token(
          { grant_type: 'authorization_code', code: 'x', redirect_uri: 'x' },
          { authorization },
        );
        return answer.status === 401 ? answer : undefined;
      });
    },
    cause: 'The secret was right, and has expired. It ended on 20',
  },
];
