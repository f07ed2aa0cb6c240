import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  body: string;
  /** Where it leads; undefined when it leads nowhere. */
  location: string | undefined;
  /** Every Set-Cookie header as it was sent. */
  setCookies: string[];
  /** When it was read to its end, on a clock that only goes on. */
  at: number;
}

/** An open connection on which requests can lie ready but for their last byte. */
export interface Line {
  /** Sends all of the request but its last byte. */
  prepare(request: string): void;
  /** Sends the last byte, and waits for the answer. */
  release(): Promise<RawAnswer>;
  close(): void;
}

/** Opens a connection to a port of this machine, and keeps it open from request to request. */
export async function openLine(port: number): Promise<Line> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let last = '';
  return {
    prepare(request) {
      last = request.slice(-1);
      socket.write(request.slice(0, -1));
    },
    release() {
      const answer = readAnswer(socket);
      socket.write(last);
      return answer;
    },
    close: () => socket.destroy(),
  };
}

/** Sends these requests at the same moment, each over a connection of its own, in turn to each of the ports. */
export async function atOnce(ports: readonly number[], requests: readonly string[]): Promise<RawAnswer[]> {
  const lines = await Promise.all(requests.map((_, index) => openLine(ports[index % ports.length] ?? 0)));
  try {
    for (const [index, line] of lines.entries()) line.prepare(requests[index] ?? '');
    return await Promise.all(lines.map((line) => line.release()));
  } finally {
    for (const line of lines) line.close();
  }
}

/** A request as it goes over the line. */
export function rawPost(
  host: string,
  path: string,
  headers: Record<string, string>,
  form: Record<string, string>,
): string {
  const body = new URLSearchParams(form).toString();
  const lines = {
    host,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  return `POST ${path} HTTP/1.1\r\n${headOf(lines)}\r\n${body}`;
}

/** A request without a body as it goes over the line. */
export function rawGet(host: string, path: string, headers: Record<string, string> = {}): string {
  return `GET ${path} HTTP/1.1\r\n${headOf({ host, ...headers })}\r\n`;
}

const headOf = (headers: Record<string, string>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** All answers of the engine and of our pages say how long they are, but for those that have no body (RFC 9110 15.3.5). */
function readAnswer(socket: Socket): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('latin1');
      const [head = '', body] = said.split(/\r\n\r\n(.*)/s);
      const isEmpty = head.startsWith('HTTP/1.1 204 ');
      const length = isEmpty ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
      if (body === undefined || !(body.length >= length)) return;
      done();
      resolve({
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
        body,
        location: /^location: (.*?)\r?$/im.exec(head)?.[1],
        setCookies: [...head.matchAll(/^set-cookie: (.*?)\r?$/gim)].map(([, cookie = '']) => cookie),
        at: performance.now(),
      });
    };
    const fail = (): void => {
      done();
      reject(new Error(`The connection ended with an answer half said: ${said}`));
    };
    const done = (): void => {
      socket.off('data', listen).off('close', fail);
    };
    socket.on('data', listen).once('close', fail);
  });
}
