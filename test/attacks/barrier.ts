import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  body: string;
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
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`;
}

/** Answers of the token endpoint say how long they are. */
function readAnswer(socket: Socket): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('latin1');
      const [head = '', body] = said.split(/\r\n\r\n(.*)/s);
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
      if (body === undefined || !(body.length >= length)) return;
      done();
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), body });
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
