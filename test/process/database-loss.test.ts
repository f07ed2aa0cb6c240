import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

/** Stands between the server and PostgreSQL, so that a test can take PostgreSQL away from this server alone. */
async function makeGate(database: TestDatabase) {
  const target = new URL(database.url);
  const pairs = new Set<[Socket, Socket]>();
  let stalled = false;
  const accept = (near: Socket): void => {
    const far = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    if (!stalled) near.pipe(far).pipe(near);
    for (const socket of pair) socket.on('error', () => {}).on('close', () => cut(pair));
  };
  const cut = (pair: [Socket, Socket]): void => {
    pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  };
  const listen = async (at: number): Promise<Server> => {
    const listening = createServer(accept);
    await new Promise<void>((resolve) => listening.listen(at, '127.0.0.1', resolve));
    return listening;
  };
  let server = await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: Object.assign(new URL(database.url), { port: String(port) }).href,
    open: async () => {
      stalled = false;
      server = await listen(port);
    },
    /** As when PostgreSQL has been stopped: connections are cut and new ones refused. */
    close: () => {
      server.close();
      for (const pair of pairs) cut(pair);
    },
    /** As when PostgreSQL hangs: connections stay and nothing comes back. */
    stall: () => {
      stalled = true;
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
      }
    },
  };
}

describe('a server that loses PostgreSQL', () => {
  let server: RunningGatehouse;
  let database: TestDatabase;
  let gate: Awaited<ReturnType<typeof makeGate>>;
  const word = async () => (await exchange(`${server.managementUrl}/readyz`)).text.trim();

  async function start(): Promise<void> {
    database = await createDatabase();
    gate = await makeGate(database);
    server = await startGatehouse({
      env: { ...makeSecrets(), GATEHOUSE_DATABASE_URL: gate.url, GATEHOUSE_DATABASE_CONNECT_TIMEOUT: '1s' },
    });
  }
  afterEach(async () => {
    await server.dispose();
    gate.close();
    await database.drop();
  });

  it('is alive but not ready, and both by itself when PostgreSQL is back', async () => {
    await start();
    for (const take of [gate.close, gate.stall]) {
      take();
      await waitFor('it is not ready', async () => (await word()) === 'database');
      await expect(exchange(`${server.managementUrl}/readyz`)).resolves.toMatchObject({ status: 503 });
      await expect(exchange(`${server.managementUrl}/healthz`)).resolves.toMatchObject({ status: 200 });
      gate.close();
      await gate.open();
      await waitFor('it is ready again', async () => (await word()) === 'ready');
      await expect(server.admin('GET', 'users')).resolves.toMatchObject({ status: 200 });
    }
    await expect(server.stop()).resolves.toBe(0);
  });

  it('goes on after PostgreSQL has ended all connections, as it does when it restarts', async () => {
    await start();
    await expect(server.admin('GET', 'users')).resolves.toMatchObject({ status: 200 });
    const client = new pg.Client({ connectionString: database.superuserUrl });
    await client.connect();
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await client.end();
    await waitFor('it is ready', async () => (await word()) === 'ready');
    await expect(server.admin('GET', 'users')).resolves.toMatchObject({ status: 200 });
    await expect(server.stop()).resolves.toBe(0);
  });

  it('ends within ten seconds although PostgreSQL hangs', async () => {
    await start();
    gate.stall();
    await waitFor('it is not ready', async () => (await word()) === 'database');
    const began = performance.now();
    await server.stop();
    expect(performance.now() - began).toBeLessThan(10_500);
  });
});

describe('a server whose embedded database breaks', () => {
  it('ends with 1 and says so, instead of failing for ever', async () => {
    const server = await startGatehouse();
    rmSync(join(server.dataDir, 'database', 'pg_wal'), { recursive: true });
    const beside = new pg.Client({ host: server.dataDir, user: 'postgres', database: 'postgres' });
    beside.on('error', () => {});
    await beside.connect();
    // Makes it go on to a file of the log that it cannot make.
    await beside.query('create table filler (); select pg_switch_wal()').catch(() => {});
    await beside.query('create table more_filler (); select pg_switch_wal()').catch(() => {});
    await expect(server.ended).resolves.toBe(1);
    expect(server.output()).toMatch(/^The embedded database has ended: .+\nStart the server again; /m);
    await server.dispose();
  });
});
