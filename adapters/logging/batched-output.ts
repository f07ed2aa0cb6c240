import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Bytes that are held back at most. */
const most = 64 * 1024;
/** Milliseconds that a line waits at most. */
const patience = 20;

/**
 * A stream onto a file descriptor that writes many lines in one system call: standard output is written synchronously, and
 * one call for each request would cost more than the request's other work. What waits is written when the process ends, also
 * by `process.exit` or an uncaught error; only a kill -9 loses the last few milliseconds.
 */
export function makeBatchedOutput(descriptor: number): Writable {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = waiting;
    waiting = '';
    if (text !== '') writeAll(descriptor, Buffer.from(text));
  };
  process.on('exit', flush);
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      waiting += String(chunk);
      if (waiting.length >= most) flush();
      else timer ??= setTimeout(flush, patience).unref();
      done();
    },
    final(done) {
      flush();
      done();
    },
  });
}

/** A reader that has gone (EPIPE) must not end the server, and one that is slow (EAGAIN) must not lose it a line. */
function writeAll(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
