import { readFileSync } from 'node:fs';
import { createClient } from 'redis';
import { freePort } from './free-port.ts';
import { type KeptProcess, startKept } from './kept-process.ts';
import { redisProgram } from './requirements.ts';
import { makeTempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

export interface RedisOptions {
  /** Lines of redis.conf, by name: `{ maxmemory: '2mb' }`. */
  settings?: Readonly<Record<string, string>>;
  /** What the default user must give. */
  password?: string;
  /** PEM files; the server then speaks TLS only. */
  tls?: { ca: string; cert: string; key: string };
}

export interface TestRedis {
  /** With the password, if there is one. */
  url: string;
  port: number;
  pid(): number;
  /** One command on a connection of its own; what the server answers, errors as rejections. */
  command(...words: readonly string[]): Promise<unknown>;
  /** SIGSTOP: it takes connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  kill9(): Promise<void>;
  /** The same server once more, after a kill; what it held is gone, for it writes nothing to disk. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis that nobody else uses, on a free port of 127.0.0.1; a test ends it, or else the end of the run does. */
export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  const port = await freePort();
  const { path: directory } = await makeTempDir('redis');
  const settings = {
    bind: '127.0.0.1',
    ...(options.tls === undefined ? { port: String(port) } : tlsSettings(port, options.tls)),
    dir: directory,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    ...(options.password === undefined
      ? {}
      : { requirepass: options.password, masterauth: options.password }),
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const url = `${options.tls === undefined ? 'redis' : 'rediss'}://${loginOf(options)}127.0.0.1:${port}`;
  const command = (...words: readonly string[]): Promise<unknown> => ask(url, words, options.tls?.ca);
  let server: KeptProcess;
  const start = async (): Promise<void> => {
    server = startKept(redisProgram() ?? 'redis-server', args, { cwd: directory });
    await untilAnswers(server, command);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.alive()) server.send(signal);
    await server.ended;
  };
  await start();
  return {
    url,
    port,
    pid: () => server.pid,
    command,
    freeze: () => server.send('SIGSTOP'),
    thaw: () => server.send('SIGCONT'),
    kill9: () => end('SIGKILL'),
    startAgain: start,
    // Also one that is frozen ends by this.
    stop: () => end('SIGKILL'),
  };
}

function tlsSettings(port: number, { ca, cert, key }: NonNullable<RedisOptions['tls']>) {
  return {
    port: '0',
    'tls-port': String(port),
    'tls-ca-cert-file': ca,
    'tls-cert-file': cert,
    'tls-key-file': key,
    'tls-auth-clients': 'no',
  };
}

function loginOf({ password }: RedisOptions): string {
  return password === undefined ? '' : `:${encodeURIComponent(password)}@`;
}

async function untilAnswers(server: KeptProcess, command: TestRedis['command']): Promise<void> {
  await waitFor('Redis answers', async () => {
    if (!server.alive()) throw new Error(`redis-server ended at once:\n${server.output()}`);
    return command('PING').then(
      (answer) => answer === 'PONG',
      () => false,
    );
  });
}

/** One command on a connection of its own. */
export async function ask(url: string, words: readonly string[], ca?: string): Promise<unknown> {
  const client = createClient({
    url,
    socket: {
      reconnectStrategy: false,
      // The name in the certificate is what tests try out; how the tests themselves get in is another matter.
      ...(ca === undefined ? {} : { tls: true, ca: readFileSync(ca), checkServerIdentity: () => undefined }),
    },
  });
  // What went wrong is also what `connect` and `sendCommand` reject with.
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.sendCommand([...words]);
  } finally {
    client.destroy();
  }
}
