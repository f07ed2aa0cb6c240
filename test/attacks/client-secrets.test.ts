import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerService } from '../flows/protocol/app.ts';
import type { HttpResponse } from '../support/http.ts';
import { basic } from '../support/relying-party.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const limit = 20;

describe('guessing the secret of a client, behind a proxy', () => {
  let attacked: Attacked;
  let addresses = 0;
  beforeAll(async () => {
    attacked = await startAttacked({ both: { GATEHOUSE_TRUST_PROXY: '1' } });
  });
  afterAll(() => attacked.dispose());

  const anAddress = (): string => {
    addresses += 1;
    return `203.0.113.${addresses}`;
  };
  const service = async () => (await registerService(attacked.servers[0])).registration;
  const ask = (
    clientId: string,
    secret: string,
    from: string,
    path = '/oauth2/token',
  ): Promise<HttpResponse> =>
    attacked.send(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: basic(clientId, secret),
        'x-forwarded-for': from,
      },
      body: path === '/oauth2/token' ? 'grant_type=client_credentials' : 'token=x',
    });

  it('D06: has to wait after twenty wrong ones from one address, whatever the endpoint; the client itself does not', async () => {
    const { clientId, clientSecret = '' } = await service();
    const [stranger, own] = [anAddress(), anAddress()];
    const paths = ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke', '/oauth2/par'];
    for (let count = 0; count < limit; count += 1) {
      const { status } = await ask(clientId, `wrong ${count}`, stranger, paths[count % paths.length]);
      expect(status).toBe(401);
    }
    for (const path of paths) {
      const held = await ask(clientId, clientSecret, stranger, path);
      expect(held).toMatchObject({
        status: 429,
        text: expect.stringContaining('the secret was not checked'),
      });
      expect(Number(held.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(held.headers['cache-control']).toBe('no-store');
    }
    await expect(ask(clientId, clientSecret, own)).resolves.toMatchObject({ status: 200 });
    const events = await attacked.database.rows(
      `select client_id, ip from audit_event where type = 'client.secret.guessed'`,
    );
    expect(events).toEqual([{ client_id: clientId, ip: stranger }]);
  });

  it('D09: locks no client out at an address from which it has proven itself', async () => {
    const { clientId, clientSecret = '' } = await service();
    const shared = anAddress();
    await expect(ask(clientId, clientSecret, shared)).resolves.toMatchObject({ status: 200 });
    for (let count = 0; count < 3 * limit; count += 1)
      await expect(ask(clientId, `wrong ${count}`, shared)).resolves.toMatchObject({ status: 401 });
    await expect(ask(clientId, clientSecret, shared)).resolves.toMatchObject({ status: 200 });
  });
});
