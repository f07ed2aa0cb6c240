import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import { accountPage, makeRelyingParty } from '../support/relying-party.ts';

const whoIs = ({ bootstrap }: RunningGatehouse) => ({
  username: bootstrap.email,
  password: bootstrap.password,
});

async function signInAtAccountPage(server: RunningGatehouse) {
  const app = makeRelyingParty(server.issuer, accountPage(server.issuer));
  const { status, body } = await app.signIn(makePerson(server.issuer), whoIs(server));
  expect(status).toBe(200);
  return app.userinfo(body.access_token ?? '');
}

describe.each(['embedded', 'postgres'] as const)('a server on the %s database', (database) => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse({ database });
  });
  afterAll(() => server.dispose());

  it('signs its first administrator in at the account page', async () => {
    await expect(signInAtAccountPage(server)).resolves.toMatchObject({
      status: 200,
      body: { email: server.bootstrap.email, sub: expect.any(String) },
    });
  });

  it('lets its service client operate it, and nobody without a token', async () => {
    await expect(server.admin('GET', 'users')).resolves.toMatchObject({
      status: 200,
      body: { items: [{ email: server.bootstrap.email }] },
    });
    const answer = await fetch(`${server.issuer}/api/admin/v1/users`);
    expect(answer.status).toBe(401);
  });

  it('leads a person who opened it under another name of this machine to the right one', async () => {
    const answer = await exchange(`http://127.0.0.1:${server.port}/account?a=b`);
    expect(answer).toMatchObject({ status: 307, headers: { location: `${server.issuer}/account?a=b` } });
  });

  it('ends with 0 when it is told to, and knows everybody again after the next start', async () => {
    const before = server.pid;
    await expect(server.stop()).resolves.toBe(0);
    server = await server.startAgain();
    expect(server.pid).not.toBe(before);
    await expect(signInAtAccountPage(server)).resolves.toMatchObject({ status: 200 });
  });

  it('comes back after kill -9 with everything that it had acknowledged', async () => {
    const client = { client_name: 'kept', redirect_uris: ['http://127.0.0.1/cb'] };
    const made = await server.admin('POST', 'clients', client);
    expect(made.status).toBe(201);
    await server.kill9();
    server = await server.startAgain();
    const { body } = await server.admin('GET', `clients/${String(made.body.client_id)}`);
    expect(body).toMatchObject(client);
  });
});

describe('two servers on one database', () => {
  it('share everything', async () => {
    const env = makeSecrets();
    const first = await startGatehouse({ database: 'postgres', env });
    const second = await startGatehouse({
      database: first.database,
      bootstrap: first.bootstrap,
      env: { ...env, GATEHOUSE_ISSUER: first.issuer },
    });
    const token = await first.adminToken();
    // As a proxy in front of both would: another address, but the host of the issuer.
    const answer = await exchange(`http://127.0.0.1:${second.port}/api/admin/v1/users`, {
      headers: { authorization: `Bearer ${token}`, host: new URL(first.issuer).host },
    });
    expect(answer.status).toBe(200);
    await second.stop();
    await first.dispose();
  });
});
