import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { type KeptProcess, startKept } from './kept-process.ts';
import { type AdminAnswer, makeOperator, type Operator } from './operator.ts';
import { createDatabase, type TestDatabase } from './postgres.ts';
import { makeTempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

export interface GatehouseOptions {
  /** Settings on top of those that every test server gets; `''` takes one of those away. */
  env?: Record<string, string>;
  /** Left out, a new and empty one. */
  dataDir?: string;
  /** A fresh PostgreSQL database, the embedded one, or a database that a server before this one has used. */
  database?: 'embedded' | 'postgres' | TestDatabase;
  port?: number;
  managementPort?: number;
  /** Path of the issuer, such as `/auth`; sets GATEHOUSE_ISSUER. */
  issuerPath?: string;
  bootstrap?: Bootstrap;
  /** Arguments of server/start.js. */
  args?: string[];
  /** Milliseconds until it must be ready. */
  within?: number;
}

/** Who may enter a new test server: its first administrator and its service client. */
export interface Bootstrap {
  email: string;
  password: string;
  clientId: string;
  clientSecret: string;
}

export interface RunningGatehouse {
  issuer: string;
  managementUrl: string;
  port: number;
  dataDir: string;
  database: 'embedded' | TestDatabase;
  bootstrap: Bootstrap;
  pid: number;
  /** Everything that it has said so far. */
  output(): string;
  stdout(): string;
  /** Signals it to end, and waits. Returns the exit code (128 and more: died of a signal). */
  stop(signal?: NodeJS.Signals): Promise<number>;
  /** kill -9, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Resolves with the exit code when it ends by itself. */
  ended: Promise<number>;
  /** The same server once more: same data, ports and settings, on top of them `changes`. Stops it first if need be. */
  startAgain(changes?: GatehouseOptions): Promise<RunningGatehouse>;
  /** Stops it and throws its data and its database away. */
  dispose(): Promise<void>;
  /** An access token for the admin API, of every scope or of these. */
  adminToken(scopes?: readonly string[]): Promise<string>;
  /** A request to the admin API, with a token of every scope; `path` is below /api/admin/v1/. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<AdminAnswer>;
}

export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** What `npm start` gives to node, so that tests and measurements start the same thing. */
const [startEnvironment = '', startCommand = ''] = (
  JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start.split(' exec node ');
const startArguments = startCommand.split(' ');

export const makeBootstrap = (): Bootstrap => ({
  email: 'admin@example.org',
  password: randomBytes(18).toString('base64url'),
  clientId: 'test-operator',
  clientSecret: randomBytes(32).toString('base64url'),
});

/** Values of the secrets that a production server must be given, and that two servers on one database must share. */
export const makeSecrets = (): Record<string, string> =>
  Object.fromEntries(
    ['ENCRYPTION_KEYS', 'COOKIE_KEYS', 'PASSWORD_KEYS'].map((name) => [
      `GATEHOUSE_${name}`,
      randomBytes(32).toString('base64url'),
    ]),
  );

/** The environment of a shell in which nothing was set: a test's own settings must not depend on who runs it. */
export function cleanEnvironment(settings: Record<string, string> = {}): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR'].map((name): [string, string] => [name, process.env[name] ?? '']);
  return Object.fromEntries([...kept, ...Object.entries(settings)].filter(([, value]) => value !== ''));
}

/**
 * Starts the real server as a process of its own, in evaluation mode unless `env` says otherwise, and waits until it may
 * take traffic.
 *
 * @throws with everything the server has said, when it ends instead or is not ready in time.
 */
export async function startGatehouse(options: GatehouseOptions = {}): Promise<RunningGatehouse> {
  const port = options.port ?? (await freePort());
  const managementPort = options.managementPort ?? (await freePort());
  const dataDir = options.dataDir ?? (await makeTempDir('data')).path;
  const database =
    options.database === 'postgres' ? await createDatabase() : (options.database ?? 'embedded');
  const bootstrap = options.bootstrap ?? makeBootstrap();
  const resolved = { ...options, port, managementPort, dataDir, database, bootstrap };
  const server = startKept(process.execPath, [...startArguments, ...(options.args ?? [])], {
    cwd: projectFolder,
    env: cleanEnvironment({
      ...Object.fromEntries(new URLSearchParams(startEnvironment)),
      ...settingsOf(resolved),
      ...options.env,
    }),
  });
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  await untilReady(server, managementUrl, options.within ?? 60_000);
  return runningServer(server, managementUrl, resolved);
}

/** Options with everything decided, so that a second start is the same. */
type Resolved = GatehouseOptions &
  Required<Pick<GatehouseOptions, 'port' | 'managementPort' | 'dataDir' | 'bootstrap'>> & {
    database: 'embedded' | TestDatabase;
  };

function settingsOf({
  port,
  managementPort,
  dataDir,
  database,
  bootstrap,
  issuerPath,
}: Resolved): Record<string, string> {
  return {
    GATEHOUSE_PORT: String(port),
    GATEHOUSE_MANAGEMENT_PORT: String(managementPort),
    GATEHOUSE_DATA_DIR: dataDir,
    GATEHOUSE_DATABASE_URL: database === 'embedded' ? '' : database.url,
    GATEHOUSE_ISSUER: issuerPath === undefined ? '' : `http://localhost:${port}${issuerPath}`,
    GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL: bootstrap.email,
    GATEHOUSE_BOOTSTRAP_ADMIN_PASSWORD: bootstrap.password,
    GATEHOUSE_BOOTSTRAP_CLIENT_ID: bootstrap.clientId,
    GATEHOUSE_BOOTSTRAP_CLIENT_SECRET: bootstrap.clientSecret,
  };
}

async function untilReady(server: KeptProcess, managementUrl: string, within: number): Promise<void> {
  try {
    await waitFor(
      'the server was ready',
      async () => {
        if (!server.alive()) throw new Error(`the server ended with code ${await server.ended}`);
        return fetch(`${managementUrl}/readyz`).then(
          ({ status }) => status === 200,
          () => false,
        );
      },
      { within },
    );
  } catch (error) {
    if (server.alive()) server.send('SIGKILL');
    await server.ended;
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${server.output()}`);
  }
}

function runningServer(server: KeptProcess, managementUrl: string, resolved: Resolved): RunningGatehouse {
  const { port, dataDir, database, bootstrap } = resolved;
  const issuer = resolved.env?.GATEHOUSE_ISSUER ?? `http://localhost:${port}${resolved.issuerPath ?? ''}`;
  const operator: Operator = makeOperator(issuer, bootstrap);
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number> => {
    if (server.alive()) server.send(signal);
    return server.ended;
  };
  return {
    issuer,
    managementUrl,
    port,
    dataDir,
    database,
    bootstrap,
    pid: server.pid,
    output: server.output,
    stdout: server.stdout,
    stop,
    ended: server.ended,
    kill9: async () => void (await stop('SIGKILL')),
    async startAgain(changes = {}) {
      await stop();
      return startGatehouse({ ...resolved, ...changes, env: { ...resolved.env, ...changes.env } });
    },
    async dispose() {
      // Nothing of it is wanted any more, so a server that hangs must not hold up the suite.
      await stop('SIGKILL');
      if (database !== 'embedded') await database.drop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
    adminToken: operator.token,
    admin: operator.request,
  };
}
