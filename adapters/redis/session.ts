import { readFile } from 'node:fs/promises';
import { createClient, ErrorReply } from 'redis';
import type { RedisAddress, RedisHost } from '../../server/redis-url.ts';

export interface SessionOptions {
  username: string | undefined;
  password: string | undefined;
  database: number;
  tls: boolean;
  /** File with the authorities that are trusted instead of the well-known ones. */
  caFile: string | undefined;
}

/** Milliseconds that opening a connection may take, and the first words on it as much again. */
const openTime = 1000;
/** Milliseconds after which a server that does not answer counts as gone. */
const answerTime = 500;
/** Milliseconds between two looks whether it is still there, and still what it was. */
const checkEvery = 1000;

/** One connection to one Redis server. It ends at the first answer that does not come, and is not used again. */
export interface RedisSession {
  /**
   * One command; its answer. MUST NOT be waited for by a request.
   *
   * @throws ErrorReply what the server refuses; the session goes on
   */
  ask(...words: string[]): Promise<unknown>;
  subscribe(channel: string, onMessage: () => void): Promise<void>;
  /** Asks again and again whether the server will still do. */
  keepChecking(check: (session: RedisSession) => Promise<void>): void;
  /** Resolves, with the reason, when it has ended. */
  ended: Promise<unknown>;
  end(why: unknown): void;
}

/**
 * Opens a connection. It is given up rather than mended: node-redis would keep commands for a server that is away, and go on
 * waiting for one that is frozen.
 */
export async function openSession(host: RedisHost, options: SessionOptions): Promise<RedisSession> {
  const client = createClient({
    socket: { ...host, ...(await tlsOf(options)), connectTimeout: openTime, reconnectStrategy: false },
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    database: options.database,
    // One connection then carries commands and messages.
    RESP: 3,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    disableClientInfo: true,
    name: 'gatehouse',
  });
  const ended = Promise.withResolvers<unknown>();
  let checks: NodeJS.Timeout | undefined;
  const end = (why: unknown): void => {
    clearInterval(checks);
    client.destroy();
    ended.resolve(why);
  };
  const inTime = <T>(answer: Promise<T>, limit: number): Promise<T> =>
    within(answer, limit).catch((error: unknown) => {
      if (!(error instanceof ErrorReply)) end(error);
      throw error;
    });
  const session: RedisSession = {
    ask: (...words) => inTime(client.sendCommand(words), answerTime),
    subscribe: (channel, onMessage) => inTime(client.subscribe(channel, onMessage), answerTime),
    keepChecking(check) {
      checks = setInterval(() => void check(session).catch(end), checkEvery).unref();
    },
    ended: ended.promise,
    end,
  };
  client.on('error', end);
  try {
    await inTime(client.connect(), 2 * openTime);
    return session;
  } catch (error) {
    end(error);
    throw error;
  }
}

/** How the servers behind an address are spoken to. */
export const optionsFor = (address: RedisAddress, caFile: string | undefined): SessionOptions => ({
  username: address.username,
  password: address.password,
  database: address.database,
  tls: address.tls,
  caFile,
});

/** The file is read for each connection, so that authorities that were replaced are trusted from then on. */
async function tlsOf({ tls, caFile }: SessionOptions) {
  if (!tls) return {};
  return { tls: true as const, ...(caFile === undefined ? {} : { ca: await readFile(caFile) }) };
}

async function within<T>(answer: Promise<T>, limit: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limit} ms`)), limit);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
