import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { waitFor } from '../support/wait-for.ts';

/** The processes below this one, as the system lists them. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** A connection that stays open, and with it one of the workers. */
async function keepConnection(issuer: string): Promise<{ socket: Socket; ask(): Promise<number> }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let socket: Socket | undefined;
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      const asking = request(`${issuer}/healthz`, { agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      asking.once('socket', (used) => {
        socket = used;
      });
      asking.once('error', reject).end();
    });
  await ask();
  if (socket === undefined) throw new Error('there was no connection');
  return { socket, ask };
}

describe('a server with two workers', () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse({
      database: 'postgres',
      env: { GATEHOUSE_WORKERS: '2', GATEHOUSE_DATABASE_POOL_MAX: '4' },
    });
  });
  afterAll(() => server.dispose());

  it('serves on one port from two processes; one that is killed takes only its own with it and is replaced', async () => {
    const before = childrenOf(server.pid);
    expect(before).toHaveLength(2);
    const connections = [await keepConnection(server.issuer), await keepConnection(server.issuer)];
    let lost = 0;
    for (const { socket } of connections)
      socket.once('close', () => {
        lost += 1;
      });
    const [killed = 0, other = 0] = before;
    process.kill(killed, 'SIGKILL');
    await waitFor('the killed worker is replaced', () => {
      const now = childrenOf(server.pid);
      return now.length === 2 && !now.includes(killed);
    });
    expect(childrenOf(server.pid)).toContain(other);
    expect(lost).toBe(1);
    await waitFor('both serve', async () => (await sumOf('gatehouse_processes')) === 2);
    await expect(exchange(`${server.managementUrl}/readyz`)).resolves.toMatchObject({ status: 200 });
    await expect(server.admin('GET', 'users')).resolves.toMatchObject({ status: 200 });
    expect(server.output()).toContain('a worker has ended and is replaced');
  });

  it('tells the metrics of all workers as one', async () => {
    const before = await sumOf('gatehouse_protocol_answers_total');
    const asked = 10;
    for (let count = 0; count < asked; count += 1) {
      // Each on a connection of its own, so that they go to the workers in turn.
      await exchange(`${server.issuer}/oauth2/token`, { method: 'POST', headers: { connection: 'close' } });
    }
    await expect(sumOf('gatehouse_protocol_answers_total')).resolves.toBe(before + asked);
  });

  it('lets all workers end in order and leaves none behind', async () => {
    const workers = childrenOf(server.pid);
    const connection = await keepConnection(server.issuer);
    await expect(server.stop()).resolves.toBe(0);
    expect(connection.socket.destroyed || connection.socket.readableEnded).toBe(true);
    expect(workers.filter(isAlive)).toEqual([]);
    // Only the one that the test has killed.
    expect(server.output().match(/a worker has ended/g)).toHaveLength(1);
  });

  it('lets them end in order also when the signal reaches every process, as from a terminal or a service manager', async () => {
    server = await server.startAgain();
    const workers = childrenOf(server.pid);
    for (const pid of [server.pid, ...workers]) process.kill(pid, 'SIGTERM');
    await expect(server.ended).resolves.toBe(0);
  });

  it('leaves no worker behind when the first process is killed', async () => {
    server = await server.startAgain();
    const workers = childrenOf(server.pid);
    await server.kill9();
    await waitFor('the workers have ended', () => workers.every((pid) => !isAlive(pid)));
  });

  async function sumOf(metric: string): Promise<number> {
    const { status, text } = await exchange(`${server.managementUrl}/metrics`);
    expect(status).toBe(200);
    const lines = text.split('\n').filter((line) => line.startsWith(metric));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
