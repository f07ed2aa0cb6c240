import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { places, runDirectoryVariable } from './run-directory.ts';

/** Below the range from which systems take the ports of outgoing connections, so that none of those gets in between. */
const range = { from: 20_000, to: 32_000 };

/** A port of 127.0.0.1 and ::1 that nobody listens on and that nobody else in this run is given. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1')) && (await reserve(port)))
      return port;
  }
  throw new Error(`No free port between ${range.from} and ${range.to}.`);
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 answers EADDRNOTAVAIL or EAFNOSUPPORT: then nobody can listen there either.
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Making a folder succeeds once, whichever of the workers comes first. */
async function reserve(port: number): Promise<boolean> {
  const run = process.env[runDirectoryVariable] ?? process.argv[2];
  if (run === undefined) return true;
  return mkdir(join(places.ports(run), String(port))).then(
    () => true,
    () => false,
  );
}
