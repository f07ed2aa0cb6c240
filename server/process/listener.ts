import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Config } from '../config/schema.ts';
import { StartError } from '../errors.ts';

/** A stranger must not hold a connection for longer by saying nothing, or by saying it slowly. */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 15_000,
  // How often the first two are looked at; Node's own 30 s would treble them.
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
};
const handshakePatience = 10_000;

/** The public listener: https with the configured certificate, otherwise http (on loopback, or behind a trusted proxy). */
export function makePublicServer(config: Config, listener: RequestListener): Server {
  const { tlsCertFile, tlsKeyFile } = config.listen;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return createServer(patience, listener);
  try {
    const tls = {
      cert: readFileSync(tlsCertFile),
      key: readFileSync(tlsKeyFile),
      minVersion: 'TLSv1.2',
      handshakeTimeout: handshakePatience,
    } as const;
    return createTlsServer({ ...patience, ...tls }, listener);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(
      `The TLS certificate or key cannot be used: ${why}`,
      'Check GATEHOUSE_TLS_CERT_FILE and GATEHOUSE_TLS_KEY_FILE.',
      78,
      cause,
    );
  }
}

/**
 * Resolves when the server listens.
 *
 * @throws StartError when the port is taken or may not be used; `setting` is named in the remedy
 */
export async function listen(server: Server, host: string, port: number, setting: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => reject(cannotListen(cause, host, port, setting));
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number, setting: string): StartError {
  const hostSetting = setting.replace(/PORT$/, 'HOST');
  const refusals: Record<string, [why: string, remedy: string]> = {
    EADDRINUSE: ['another program listens there', `Stop that program, or choose another port in ${setting}.`],
    EACCES: ['this user may not listen there', `Choose a port above 1023 in ${setting}.`],
    EADDRNOTAVAIL: ['this machine has no such address', `Correct ${hostSetting}.`],
    ENOTFOUND: ['there is no such host', `Correct ${hostSetting}.`],
  };
  const [why, remedy] = refusals[cause.code ?? ''] ?? [cause.message, `Check ${hostSetting} and ${setting}.`];
  return new StartError(`Cannot listen on ${host} port ${port}: ${why}.`, remedy, 1, cause);
}

/** Milliseconds in which connections that are reused may be told, in their next answer, that it was the last. */
const farewell = 500;

/**
 * Ends a server so that nobody is cut off: who comes back on a connection is still answered for a moment, then nothing new
 * is taken and running requests may end; what is not over after `patienceSeconds` is cut.
 */
export async function drain(server: Server, patienceSeconds: number): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), patienceSeconds * 1000);
  await untilUnused(server, performance.now() + farewell);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Node closes connections that are idle when the server is closed, and keeps those that become so later.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
  clearTimeout(late);
}

async function untilUnused(server: Server, deadline: number): Promise<void> {
  while (performance.now() < deadline && (await connectionsOf(server)) > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
