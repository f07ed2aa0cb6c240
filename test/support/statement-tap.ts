import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { makeFrontendReader, type Statement } from './frontend-messages.ts';

/** Stands between a server and PostgreSQL and notes every statement that passes; the server knows nothing of it. */
export interface StatementTap {
  /** `url` with this in the place of its host and port. */
  urlOf(url: string): string;
  /** Everything so far, in the order in which it was sent. */
  statements(): readonly Statement[];
  close(): Promise<void>;
}

/** @param port of the PostgreSQL on this machine that it leads to */
export async function startStatementTap(port: number): Promise<StatementTap> {
  const noted: Statement[] = [];
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    const read = makeFrontendReader((statement) => noted.push(statement));
    near.on('data', (chunk: Buffer) => {
      read(chunk);
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => near.write(chunk));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    urlOf: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(own) }).href,
    statements: () => noted,
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
