import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type App, addAccount, registerApp, registerService } from '../flows/protocol/app.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

describe('B08 revocation while the database is away', () => {
  let server: RunningGatehouse;
  let database: TestDatabase;
  let proxy: TcpProxy;
  let app: App;
  let service: App;
  let given: [what: string, owner: App, token: string][];

  beforeAll(async () => {
    database = await createDatabase();
    proxy = await startTcpProxy(Number(new URL(database.url).port));
    server = await startGatehouse({
      env: {
        ...makeSecrets(),
        GATEHOUSE_DATABASE_URL: proxy.urlOf(database.url),
        GATEHOUSE_DATABASE_CONNECT_TIMEOUT: '1s',
      },
    });
    app = await registerApp(server, { skip_consent: true });
    service = await registerService(server, { scope: 'users:read' });
    const who = await addAccount(server, 'person@example.org');
    const signIn = async (extra: Record<string, string> = {}) =>
      (await app.signIn(makePerson(server.issuer), who, extra)).body;
    const audience = `${server.issuer}/api/account`;
    const forApi = await signIn({ scope: 'openid account:read', resource: audience });
    const plain = [await signIn(), await signIn()];
    const grant = { grant_type: 'client_credentials', scope: 'users:read' };
    const own = await service.post('token', { ...grant, resource: `${server.issuer}/api/admin` });
    given = [
      ['the JWT of a person', app, String(forApi.access_token)],
      ['the JWT of a service', service, String(own.body.access_token)],
      ['an opaque token', app, String(plain[0]?.access_token)],
      ['a refresh token', app, String(plain[1]?.refresh_token)],
    ];
  });
  afterAll(async () => {
    await server.dispose();
    await proxy.close();
    await database.drop();
  });

  const isActive = async ([, owner, token]: (typeof given)[number]): Promise<unknown> =>
    (await owner.post('introspect', { token })).body.active;

  it.each<[how: string, take: () => void, giveBack: () => Promise<void> | void]>([
    ['refuses connections', () => proxy.refuse(), () => proxy.accept()],
    [
      'does not answer',
      () => proxy.stall(),
      () => {
        proxy.cut();
        proxy.resume();
      },
    ],
  ])(
    'B08 is 503 with Retry-After when it %s, never 200, and nothing was revoked',
    async (_how, take, giveBack) => {
      take();
      const asked = given.flatMap(([what, owner, token]) =>
        ['revoke', 'introspect'].map(async (endpoint) => {
          const { status, headers, body } = await owner.post(endpoint, { token });
          expect([what, endpoint, status]).toEqual([what, endpoint, 503]);
          expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
          expect(headers.get('cache-control')).toBe('no-store');
          expect(body).toMatchObject({ error: 'temporarily_unavailable' });
          expect(body).not.toHaveProperty('active');
        }),
      );
      await Promise.all(asked);
      await giveBack();
      await waitFor(
        'it answers again',
        async () => (await app.post('introspect', { token: 'x' })).status === 200,
      );
      for (const token of given) await expect(isActive(token)).resolves.toBe(true);
    },
  );

  it('B08 is done when it is asked for again', async () => {
    for (const [, owner, token] of given)
      await expect(owner.post('revoke', { token })).resolves.toMatchObject({ status: 200 });
    for (const token of given) await expect(isActive(token)).resolves.toBe(false);
  });
});
