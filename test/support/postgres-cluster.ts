import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { postgresPrograms } from './requirements.ts';
import { waitFor } from './wait-for.ts';

export interface ClusterUrls {
  /** Superuser, for making databases. */
  superuser: string;
  /** The role that the server under test connects as: it owns its database and may nothing else. */
  owner: string;
}

export interface Cluster {
  urls: ClusterUrls;
  stop(): Promise<void>;
}

/** Nothing in this cluster outlives the run, so nothing has to reach the disk. */
const settings = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  log_min_messages: 'fatal',
};

/** Makes a PostgreSQL cluster in `directory` and starts it on a free port of 127.0.0.1 and on a Unix socket there. */
export async function startCluster(directory: string): Promise<Cluster> {
  const as = unprivilegedUser();
  mkdirSync(directory, { mode: 0o700 });
  if (as.uid !== undefined && as.gid !== undefined) chownSync(directory, as.uid, as.gid);
  const programs = postgresPrograms();
  if (programs === undefined)
    throw new Error('The server programs of PostgreSQL (initdb, postgres) are not installed.');
  const data = join(directory, 'data');
  const how = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const made = watch(spawn(join(programs, 'initdb'), how, { ...as, cwd: directory }));
  if ((await made.ended) !== 0) throw new Error(`initdb failed:\n${made.output()}`);

  const port = await freePort();
  const options = Object.entries({ ...settings, port: String(port), unix_socket_directories: directory });
  const flags = options.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...flags], { ...as, cwd: directory });
  const watched = watch(server);
  const urls = {
    superuser: `postgres://postgres@127.0.0.1:${port}/postgres`,
    owner: `postgres://gatehouse@127.0.0.1:${port}/postgres`,
  };
  await waitFor('PostgreSQL takes connections', async () => {
    if (server.exitCode !== null) throw new Error(`postgres ended at once:\n${watched.output()}`);
    return query(urls.superuser, 'create role gatehouse login').then(() => true, isStarting);
  });
  return {
    urls,
    async stop() {
      // "Immediate": the data is thrown away, so no checkpoint is worth waiting for.
      server.kill('SIGQUIT');
      await watched.ended;
    },
  };
}

/** Runs one statement on its own connection. */
export async function query(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** False, which is "not yet", while nothing listens (ECONNREFUSED) or the server is still starting up (57P03). */
function isStarting(error: unknown): false {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED' || code === '57P03') return false;
  throw error;
}

function watch(child: ChildProcess): { ended: Promise<number | null>; output(): string } {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const ended = once(child, 'exit').then(() => child.exitCode);
  return { ended, output: () => said };
}

/** PostgreSQL refuses to run as root. Its Debian package brings a user; any other without rights will do. */
export function unprivilegedUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user here; the next one.
    }
  }
  throw new Error(
    'Running as root, and there is neither a user "postgres" nor "nobody" to run PostgreSQL as.',
  );
}
