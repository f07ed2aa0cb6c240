import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type KeptProcess, startKept } from './kept-process.ts';
import { query, unprivilegedUser } from './postgres-cluster.ts';
import { pgbouncerProgram } from './requirements.ts';
import { makeTempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

/** A pooler in transaction mode: each transaction may run on another of a few connections that all clients share. */
export interface Pooler {
  /** `url` with the pooler in the place of its host. */
  urlOf(url: string): string;
  stop(): Promise<void>;
  /** Once more, on the same port. */
  start(): Promise<void>;
}

/**
 * Starts PgBouncer in front of the PostgreSQL on `port`.
 *
 * @param size connections to PostgreSQL for each database and user
 * @param settings more lines of its configuration
 */
export async function startPooler(
  port: number,
  size: number,
  settings: readonly string[] = [],
): Promise<Pooler> {
  const program = pgbouncerProgram();
  if (program === undefined) throw new Error('PgBouncer is not installed.');
  const { path: folder } = await makeTempDir('pooler');
  const listenPort = await freePort();
  const [configuration, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')];
  await writeFile(users, '"gatehouse" ""\n"postgres" ""\n');
  await writeFile(
    configuration,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${listenPort}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${users}`,
      'pool_mode = transaction',
      `default_pool_size = ${size}`,
      'max_client_conn = 500',
      ...settings,
    ].join('\n'),
  );
  // It refuses to be root, as PostgreSQL does.
  const as = unprivilegedUser();
  for (const path of [folder, configuration, users])
    if (as.uid !== undefined && as.gid !== undefined) await chown(path, as.uid, as.gid);
  const at = (url: string) =>
    Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(listenPort) }).href;
  const start = async (): Promise<KeptProcess> => {
    const started = startKept(program, [configuration], { ...as, cwd: folder });
    await waitFor('the pooler takes connections', async () => {
      if (!started.alive()) throw new Error(`pgbouncer ended at once:\n${started.output()}`);
      return query(at('postgres://postgres@localhost/postgres'), 'select 1').then(
        () => true,
        () => false,
      );
    });
    return started;
  };
  let running = await start();
  return {
    urlOf: at,
    async start() {
      running = await start();
    },
    async stop() {
      // At once: its clients have gone, or are to see that it has.
      running.send('SIGTERM');
      await running.ended;
    },
  };
}
