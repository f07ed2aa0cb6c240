import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type KeptProcess, startKept } from './kept-process.ts';
import type { TestDatabase } from './postgres.ts';
import { query, unprivilegedUser } from './postgres-cluster.ts';
import { postgresPrograms } from './requirements.ts';
import { places, runDirectory } from './run-directory.ts';
import { makeTempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

/** A PostgreSQL of a test's own, which may be stopped, killed, frozen and replicated. */
export interface PostgresServer {
  port: number;
  /** Its data directory. */
  data: string;
  /** The database that servers under test use; they come in as its owner. */
  database: TestDatabase;
  start(): Promise<void>;
  /** As `pg_ctl stop -m`: immediate ends without a checkpoint, so that the next start recovers. */
  stop(how?: 'immediate' | 'fast'): Promise<void>;
  /** kill -9 of the postmaster; its children end when they see that it is gone. */
  kill9(): Promise<void>;
  /** Whether it runs. */
  alive(): boolean;
  /** SIGSTOP to every process of it: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Makes a standby the primary, and waits until it takes writes. */
  promote(): Promise<void>;
  /** Another server that follows this one through `port`, as this one's own or as that of a proxy; started. */
  standby(port: number, settings?: Record<string, string>): Promise<PostgresServer>;
  /** Everything that it has said since its last start. */
  output(): string;
  dispose(): Promise<void>;
}

export interface PostgresServerOptions {
  settings?: Record<string, string>;
  /** The data directory is made in here; left out, in a new temporary folder. */
  directory?: string;
  /** Arguments of initdb. */
  initdb?: readonly string[];
}

/**
 * What is acknowledged is kept when a process dies: `synchronous_commit` stands. Only the machine itself is trusted to live on,
 * so nothing is flushed to the disk.
 */
const durable = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: '32MB',
  log_min_messages: 'warning',
};

/** Makes a PostgreSQL with a database `gatehouse` of an owner `gatehouse`, and starts it on a free port. */
export async function makePostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const directory = options.directory ?? (await makeFolder());
  const data = join(directory, 'data');
  const how = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await runProgram('initdb', [...how, ...(options.initdb ?? [])], directory);
  const server = postgresServer(directory, await freePort(), { ...durable, ...options.settings });
  await server.start();
  const superuser = `postgres://postgres@127.0.0.1:${server.port}/postgres`;
  await query(superuser, 'create role gatehouse login');
  await query(superuser, 'create database gatehouse owner gatehouse template template0');
  return server;
}

function postgresServer(directory: string, port: number, settings: Record<string, string>): PostgresServer {
  const data = join(directory, 'data');
  const urlOf = (role: string, database: string) => `postgres://${role}@127.0.0.1:${port}/${database}`;
  let running: KeptProcess | undefined;
  let frozen: number[] = [];

  const process_ = (): KeptProcess => {
    if (running === undefined) throw new Error('This PostgreSQL was never started.');
    return running;
  };
  const server: PostgresServer = {
    port,
    data,
    database: {
      url: urlOf('gatehouse', 'gatehouse'),
      superuserUrl: urlOf('postgres', 'gatehouse'),
      drop: async () => {},
    },
    async start() {
      const flags = Object.entries({
        ...settings,
        port: String(port),
        unix_socket_directories: directory,
      }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const started = startKept(program('postgres'), ['-D', data, ...flags], {
        ...unprivilegedUser(),
        cwd: directory,
      });
      running = started;
      await waitFor('PostgreSQL takes connections', () => {
        if (!started.alive()) throw new Error(`postgres ended at once:\n${started.output()}`);
        return query(urlOf('postgres', 'postgres'), 'select 1').then(
          () => true,
          () => false,
        );
      });
    },
    async stop(how = 'immediate') {
      if (running === undefined || !running.alive()) return;
      running.send(how === 'immediate' ? 'SIGQUIT' : 'SIGINT');
      await running.ended;
    },
    async kill9() {
      process_().send('SIGKILL');
      await process_().ended;
    },
    alive: () => running?.alive() === true,
    freeze() {
      frozen = [process_().pid, ...descendantsOf(process_().pid)];
      // A stopped child does not see that the postmaster is gone: the keeper must know of each of them.
      for (const pid of frozen) {
        writeFileSync(recordOf(pid), '');
        signal(pid, 'SIGSTOP');
      }
    },
    thaw() {
      for (const pid of frozen) {
        signal(pid, 'SIGCONT');
        if (pid !== process_().pid) rmSync(recordOf(pid), { force: true });
      }
      frozen = [];
    },
    async promote() {
      await query(urlOf('postgres', 'postgres'), 'select pg_promote(wait => true, wait_seconds => 30)');
    },
    async standby(from, changes = {}) {
      const other = await makeFolder();
      const source = `host=127.0.0.1 port=${from} user=postgres application_name=standby`;
      await runProgram(
        'pg_basebackup',
        ['-D', join(other, 'data'), '-R', '-X', 'stream', '-c', 'fast', '--no-sync', '-d', source],
        other,
      );
      const follower = postgresServer(other, await freePort(), { ...settings, ...changes });
      await follower.start();
      return follower;
    },
    output: () => running?.output() ?? '',
    async dispose() {
      server.thaw();
      await server.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return server;
}

/** A folder that the user may write to as whom PostgreSQL runs. */
async function makeFolder(): Promise<string> {
  const { path } = await makeTempDir('postgres');
  const { uid, gid } = unprivilegedUser();
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  return path;
}

async function runProgram(name: string, args: readonly string[], cwd: string): Promise<void> {
  const run = startKept(program(name), args, { ...unprivilegedUser(), cwd });
  if ((await run.ended) !== 0) throw new Error(`${name} failed:\n${run.output()}`);
}

function program(name: string): string {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('The server programs of PostgreSQL are not installed.');
  return join(programs, name);
}

const recordOf = (pid: number): string => join(places.processes(runDirectory()), String(pid));

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // A backend whose connection was cut has ended by itself.
  }
}

/** Every process below this one. Linux says in /proc who is whose child. */
function descendantsOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const parent = parentOf(name);
      return parent === undefined ? [] : [{ child: Number(name), parent }];
    });
  const below = (of: number): number[] =>
    parents.filter(({ parent }) => parent === of).flatMap(({ child }) => [child, ...below(child)]);
  return below(pid);
}

function parentOf(pid: string): number | undefined {
  try {
    // "pid (name, which may hold anything) state parent ..."
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) \S /s, '')
        .split(' ')[0],
    );
  } catch {
    return undefined;
  }
}
