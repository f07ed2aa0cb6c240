import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freePort } from '../support/free-port.ts';
import {
  cleanEnvironment,
  makeSecrets,
  projectFolder,
  type RunningGatehouse,
  startGatehouse,
} from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

/** As adapters/postgres/connection/migrate.ts has it. */
const advisoryKey = 7_462_815_301;

const readyWord = async (managementUrl: string): Promise<string> =>
  (await exchange(`${managementUrl}/readyz`)).text.trim();

async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

describe('a server that is told to end', () => {
  let server: RunningGatehouse;
  let behind: pg.Client;
  beforeEach(async () => {
    server =
      server === undefined ? await startGatehouse({ database: 'postgres' }) : await server.startAgain();
    if (server.database === 'embedded') throw new Error('this needs PostgreSQL');
    behind = await openClient(server.database.superuserUrl);
  });
  afterEach(async () => {
    await behind.end();
  });
  afterAll(() => server.dispose());

  /** A request to the admin API that the database lets wait until the lock is given back. */
  async function aSlowRequest(): Promise<{
    answer: Promise<{ status: number; connection: string | null }>;
    go(): Promise<void>;
  }> {
    const token = await server.adminToken();
    await behind.query('begin; lock table account in access exclusive mode');
    const answer = fetch(`${server.issuer}/api/admin/v1/users`, {
      headers: { authorization: `Bearer ${token}` },
    }).then(({ status, headers }) => ({ status, connection: headers.get('connection') }));
    await waitFor('the request waits for the lock', async () => {
      const { rows } = await behind.query('select 1 from pg_locks where not granted');
      return rows.length > 0;
    });
    return { answer, go: async () => void (await behind.query('rollback')) };
  }

  it('is not ready any more at once, answers what is under way, takes nothing new and ends with 0', async () => {
    const { answer, go } = await aSlowRequest();
    const ended = server.stop();
    await waitFor('it is draining', async () => (await readyWord(server.managementUrl)) === 'draining');
    await expect(exchange(`${server.managementUrl}/readyz`)).resolves.toMatchObject({ status: 503 });
    await expect(exchange(`${server.managementUrl}/healthz`)).resolves.toMatchObject({ status: 200 });
    await waitFor('the public port is closed', () =>
      exchange(`${server.issuer}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    await go();
    await expect(answer).resolves.toMatchObject({ status: 200 });
    await expect(ended).resolves.toBe(0);
    expect(server.output()).not.toMatch(/"level":"error"/);
  });

  it('closes connections that are kept alive, and waits for none of them', async () => {
    const agent = new Agent({ keepAlive: true });
    const closed = Promise.withResolvers<void>();
    await new Promise<void>((resolve, reject) => {
      const asking = request(`${server.issuer}/healthz`, { agent }, (response) => {
        response.resume().once('end', resolve);
      });
      asking.once('socket', (socket) => socket.once('close', () => closed.resolve()));
      asking.once('error', reject).end();
    });
    const began = performance.now();
    await expect(server.stop()).resolves.toBe(0);
    await closed.promise;
    expect(performance.now() - began).toBeLessThan(5000);
    agent.destroy();
  });

  it('says on a connection that goes on being used that it is the last answer', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<string | undefined>((resolve, reject) => {
        request(`${server.issuer}/healthz`, { agent }, (response) => {
          response.resume().once('end', () => resolve(response.headers.connection));
        })
          .once('error', reject)
          .end();
      });
    await expect(ask()).resolves.toBe('keep-alive');
    const ended = server.stop();
    await waitFor('it is draining', async () => (await readyWord(server.managementUrl)) === 'draining');
    await expect(ask()).resolves.toBe('close');
    await expect(ended).resolves.toBe(0);
    agent.destroy();
  });

  it('cuts what is still under way when the time to drain is over, and ends with 0 within ten seconds', async () => {
    server = await server.startAgain({ env: { GATEHOUSE_DRAIN_TIMEOUT: '1s' } });
    const began = performance.now();
    const silent = connect(server.port, '127.0.0.1');
    silent.write('POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n');
    const cut = new Promise<void>((resolve) => silent.once('close', () => resolve()));
    silent.on('error', () => {}).resume();
    await new Promise((resolve) => silent.once('connect', resolve));
    await expect(server.stop()).resolves.toBe(0);
    await cut;
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('takes two signals in an instant, as npm sends them, for one', async () => {
    const { answer, go } = await aSlowRequest();
    process.kill(server.pid, 'SIGINT');
    process.kill(server.pid, 'SIGINT');
    await waitFor('it is draining', async () => (await readyWord(server.managementUrl)) === 'draining');
    await go();
    await expect(answer).resolves.toMatchObject({ status: 200 });
    await expect(server.ended).resolves.toBe(0);
  });

  it('ends at once at the second signal', async () => {
    const { answer, go } = await aSlowRequest();
    const refused = expect(answer).rejects.toThrow();
    const began = performance.now();
    process.kill(server.pid, 'SIGTERM');
    await waitFor('it is draining', async () => (await readyWord(server.managementUrl)) === 'draining');
    await waitFor('the second signal counts', () => performance.now() - began > 500);
    process.kill(server.pid, 'SIGTERM');
    await expect(server.ended).resolves.toBe(1);
    await refused;
    await go();
  });
});

describe('a server that is still starting', () => {
  let database: TestDatabase;
  let elsewhere: pg.Client;
  let port: number;
  let managementUrl: string;
  let env: Record<string, string>;
  let server: KeptProcess;
  beforeEach(async () => {
    database = await createDatabase();
    elsewhere = await openClient(database.superuserUrl);
    const managementPort = await freePort();
    port = await freePort();
    managementUrl = `http://127.0.0.1:${managementPort}`;
    env = cleanEnvironment({
      ...makeSecrets(),
      GATEHOUSE_DATABASE_URL: database.url,
      GATEHOUSE_DATA_DIR: (await makeTempDir('starting')).path,
      GATEHOUSE_PORT: String(port),
      GATEHOUSE_MANAGEMENT_PORT: String(managementPort),
    });
    // As if another process were migrating.
    await elsewhere.query('select pg_advisory_lock($1)', [advisoryKey]);
    server = startKept(process.execPath, ['server/start.js'], { cwd: projectFolder, env });
    await waitFor('it waits for its turn to migrate', async () => {
      const { rows } = await elsewhere.query(
        `select 1 from pg_locks where locktype = 'advisory' and not granted`,
      );
      return rows.length > 0;
    });
  });
  afterEach(async () => {
    await elsewhere.query('select pg_advisory_unlock_all()');
    server.send('SIGKILL');
    await server.ended;
    await elsewhere.end();
    await database.drop();
  });

  it('is alive and not ready, asks people to come back, and then is ready', async () => {
    await expect(exchange(`${managementUrl}/healthz`)).resolves.toMatchObject({ status: 200 });
    await expect(exchange(`${managementUrl}/readyz`)).resolves.toMatchObject({
      status: 503,
      text: 'starting\n',
    });
    await expect(exchange(`http://127.0.0.1:${port}/healthz`)).resolves.toMatchObject({ status: 200 });
    await expect(exchange(`http://localhost:${port}/account`)).resolves.toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'cache-control': 'no-store' },
    });
    await elsewhere.query('select pg_advisory_unlock_all()');
    await waitFor('it is ready', async () => (await readyWord(managementUrl)) === 'ready');
    await expect(exchange(`http://localhost:${port}/account`)).resolves.toMatchObject({ status: 200 });
    server.send('SIGTERM');
    await expect(server.ended).resolves.toBe(0);
  });

  it('ends at once when it is told to', async () => {
    server.send('SIGTERM');
    await expect(server.ended).resolves.toBe(128 + 15);
  });
});
