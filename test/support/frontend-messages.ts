/** One statement as it reached the database, BEGIN and COMMIT as well as any other. */
export interface Statement {
  text: string;
  /** Values in the order of `$1`, `$2`, ...: text as it is sent, bytes where they are sent as such. */
  values: (string | Buffer | null)[];
}

/** Of a request for TLS, whose answer decides what follows; the tap speaks none. */
const tlsRequest = 80877103;

/**
 * Reads what a client sends to PostgreSQL, in chunks of any size, and tells of each statement when its execution is asked for.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function makeFrontendReader(told: (statement: Statement) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let started = false;
  const prepared = new Map<string, string>();
  const bound = new Map<string, Statement>();

  function take(type: string, body: Buffer): void {
    if (type === 'Q') told({ text: textAt(body, 0).text, values: [] });
    if (type === 'P') {
      const name = textAt(body, 0);
      prepared.set(name.text, textAt(body, name.end).text);
    }
    if (type === 'B') {
      const portal = textAt(body, 0);
      const name = textAt(body, portal.end);
      const text = prepared.get(name.text);
      if (text === undefined) throw new Error(`values for a statement that was not prepared: ${name.text}`);
      bound.set(portal.text, { text, values: valuesAt(body, name.end) });
    }
    if (type === 'E') {
      const statement = bound.get(textAt(body, 0).text);
      if (statement === undefined) throw new Error('something is executed that has no values');
      told(statement);
    }
  }

  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      // The first message has no type.
      const header = started ? 1 : 0;
      if (pending.length < header + 4) return;
      const length = pending.readInt32BE(header);
      if (pending.length < header + length) return;
      const body = pending.subarray(header + 4, header + length);
      if (started) take(String.fromCharCode(pending[0] ?? 0), body);
      else if (body.readInt32BE(0) === tlsRequest)
        throw new Error('the tap reads no TLS: use sslmode=disable');
      started = true;
      pending = pending.subarray(header + length);
    }
  };
}

function textAt(body: Buffer, start: number): { text: string; end: number } {
  const zero = body.indexOf(0, start);
  return { text: body.toString('utf8', start, zero), end: zero + 1 };
}

function valuesAt(body: Buffer, start: number): Statement['values'] {
  const formatCount = body.readInt16BE(start);
  const formats = Array.from({ length: formatCount }, (_, index) => body.readInt16BE(start + 2 + index * 2));
  let at = start + 2 + formatCount * 2;
  const values: Statement['values'] = Array.from({ length: body.readInt16BE(at) });
  at += 2;
  for (let index = 0; index < values.length; index += 1) {
    const length = body.readInt32BE(at);
    at += 4;
    // One format for all, or one for each; none is text.
    const isBinary = (formats.length === 1 ? formats[0] : formats[index]) === 1;
    const bytes = length < 0 ? null : Buffer.from(body.subarray(at, at + length));
    values[index] = bytes === null || isBinary ? bytes : bytes.toString('utf8');
    at += Math.max(0, length);
  }
  return values;
}
