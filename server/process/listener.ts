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
  maxHeaderSize: 16 * 1024,
};

/** The public listener: https with the configured certificate, otherwise http (on loopback, or behind a trusted proxy). */
export function makePublicServer(config: Config, listener: RequestListener): Server {
  const { tlsCertFile, tlsKeyFile } = config.listen;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return createServer(patience, listener);
  try {
    const tls = {
      cert: readFileSync(tlsCertFile),
      key: readFileSync(tlsKeyFile),
      minVersion: 'TLSv1.2',
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
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port, setting)));
    server.listen(port, host, resolve);
  });
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number, setting: string): StartError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'this user may not listen there',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  return new StartError(
    `Cannot listen on ${host} port ${port}: ${reasons[cause.code ?? ''] ?? cause.message}.`,
    `Stop that program, or choose another port in ${setting}.`,
    1,
    cause,
  );
}

/** Takes no new connections, lets running requests end for at most `patienceSeconds`, then cuts what is left. */
export async function drain(server: Server, patienceSeconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), patienceSeconds * 1000);
  await closed;
  clearTimeout(timer);
}
