import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificates.ts';
import { freePort } from './free-port.ts';

/** A message taken apart as RFC 5424 has it. */
export interface SyslogMessage {
  priority: number;
  version: string;
  timestamp: string;
  host: string;
  app: string;
  process: string;
  messageId: string;
  /** Names and values by the id of their element. */
  data: Record<string, Record<string, string>>;
  /** Without the byte order mark. */
  text: string;
  hasMark: boolean;
  bytes: number;
}

export interface SyslogReceiver {
  url: string;
  port: number;
  /** In the order in which they came. */
  messages: readonly SyslogMessage[];
  connections(): number;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  port?: number;
  tls?: Certificate;
  /** PEM file; those who connect must prove themselves by a certificate of this authority. */
  clientCa?: string;
  /** Is given each connection; answers true when it deals with it in its own way. */
  misbehave?: (socket: Socket) => boolean;
}

/** Takes messages over TCP or TLS, each behind its length (RFC 6587 3.4.1, RFC 5425 4.3). */
export async function startSyslogReceiver(options: ReceiverOptions = {}): Promise<SyslogReceiver> {
  const { tls, clientCa, misbehave } = options;
  const port = options.port ?? (await freePort());
  const messages: SyslogMessage[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const take = (socket: Socket): void => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    if (misbehave?.(socket) === true) return;
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = takeFrames(Buffer.concat([rest, chunk]), (frame) => messages.push(readMessage(frame)));
    });
  };
  const server: Server =
    tls === undefined
      ? createServer(take)
      : createTlsServer(
          {
            cert: readFileSync(tls.cert),
            key: readFileSync(tls.key),
            ...(clientCa === undefined
              ? {}
              : { requestCert: true, rejectUnauthorized: true, ca: readFileSync(clientCa) }),
          },
          take,
        );
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls === undefined ? 'tcp' : 'tls'}://127.0.0.1:${port}`,
    port,
    messages,
    connections: () => connections,
    async close() {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await once(server, 'close');
    },
  };
}

/** Takes messages over UDP, one in each datagram (RFC 5426 3.1). */
export async function startSyslogDatagrams(): Promise<SyslogReceiver> {
  const socket = createSocket('udp4');
  const messages: SyslogMessage[] = [];
  socket.on('message', (datagram) => messages.push(readMessage(datagram)));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  return {
    url: `udp://127.0.0.1:${port}`,
    port,
    messages,
    connections: () => 0,
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
}

/** @returns what is left of the bytes */
function takeFrames(bytes: Buffer, told: (frame: Buffer) => void): Buffer<ArrayBuffer> {
  let rest = Buffer.from(bytes);
  for (;;) {
    const space = rest.indexOf(' ');
    if (space === -1) return rest;
    const head = rest.subarray(0, space).toString('latin1');
    if (!/^[1-9]\d*$/.test(head)) throw new Error(`no length of a message: ${head}`);
    const end = space + 1 + Number(head);
    if (rest.length < end) return rest;
    told(rest.subarray(space + 1, end));
    rest = rest.subarray(end);
  }
}

const header = /^<(\d{1,3})>(\d{1,2}) (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;

/** @throws Error for what is no message of RFC 5424 */
function readMessage(bytes: Buffer): SyslogMessage {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const [all, priority, version = '', timestamp = '', host = '', app = '', process = '', messageId = ''] =
    header.exec(text) ?? [];
  if (all === undefined) throw new Error(`no header: ${text}`);
  const { data, length } = readData(text.slice(all.length));
  const said = text.slice(all.length + length).replace(/^ /, '');
  return {
    ...{ priority: Number(priority), version, timestamp, host, app, process, messageId, data },
    hasMark: said.startsWith('\uFEFF'),
    text: said.replace(/^\uFEFF/, ''),
    bytes: bytes.length,
  };
}

const element = /^\[([^ =\]"]{1,32})((?: [^ =\]"]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\]/;

function readData(text: string): Pick<SyslogMessage, 'data'> & { length: number } {
  const data: SyslogMessage['data'] = {};
  let length = 0;
  for (;;) {
    const [all, id = '', parameters = ''] = element.exec(text.slice(length)) ?? [];
    if (all === undefined) break;
    length += all.length;
    const pairs = [...parameters.matchAll(/ ([^ =]+)="((?:[^"\\]|\\.)*)"/g)];
    data[id] = Object.fromEntries(
      pairs.map(([, name = '', value = '']) => [name, value.replaceAll(/\\(["\\\]])/g, '$1')]),
    );
  }
  if (length === 0) throw new Error(`no structured data: ${text}`);
  return { data, length };
}
