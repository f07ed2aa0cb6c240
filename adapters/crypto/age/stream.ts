import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { derive, readHeader, writeHeader } from './header.ts';
import type { Identity, Recipient } from './keys.ts';

/** Why a file cannot be decrypted. */
export class AgeError extends Error {
  readonly kind: 'foreign' | 'locked' | 'damaged';

  constructor(kind: AgeError['kind']) {
    super(`the encrypted file is ${kind}`);
    this.kind = kind;
  }
}

const chunkLength = 64 * 1024;
const tagLength = 16;
const nonceLength = 16;
const longestHeader = 64 * 1024;

/**
 * Encrypts as age does (https://age-encryption.org/v1), so that the tool `age` can decrypt it, too: chunks of 64 KiB, each
 * authenticated with its number and whether it is the last one.
 */
export async function* encryptAge(
  recipients: readonly Recipient[],
  plain: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const fileKey = randomBytes(16);
  const nonce = randomBytes(nonceLength);
  yield Buffer.from(writeHeader(fileKey, recipients), 'latin1');
  yield nonce;
  const key = derive(fileKey, nonce, 'payload');
  let number = 0;
  let held: Buffer | undefined;
  for await (const chunk of inChunks(plain, chunkLength)) {
    if (held !== undefined) yield seal(key, number++, false, held);
    held = chunk;
  }
  yield seal(key, number, true, held ?? Buffer.alloc(0));
}

/**
 * Decrypts what age, or the above, has encrypted. Nothing that was changed is given out, and an end that is missing is noticed
 * where it should have been: what came before may only be used when the iteration has ended without an error.
 *
 * @throws AgeError
 */
export async function* decryptAge(
  identities: readonly Identity[],
  sealed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const { header, rest } = await splitHeader(sealed);
  const reading = readHeader(header, identities);
  if (reading.kind !== 'opened') throw new AgeError(reading.kind);
  let key: Buffer | undefined;
  let number = 0;
  let held: Buffer | undefined;
  const body = splitNonce(rest, (nonce) => {
    key = derive(reading.fileKey, nonce, 'payload');
  });
  for await (const chunk of inChunks(body, chunkLength + tagLength)) {
    if (held !== undefined) yield open(key, number++, false, held);
    held = chunk;
  }
  // An empty last chunk is only where there is no other.
  if (held === undefined || (number > 0 && held.length <= tagLength)) throw new AgeError('damaged');
  yield open(key, number, true, held);
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

function seal(key: Buffer, number: number, isLast: boolean, plain: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonceOf(number, isLast), {
    authTagLength: tagLength,
  });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer | undefined, number: number, isLast: boolean, sealed: Buffer): Buffer {
  if (key === undefined || sealed.length < tagLength) throw new AgeError('damaged');
  const nonce = nonceOf(number, isLast);
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagLength });
  decipher.setAuthTag(sealed.subarray(-tagLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagLength)), decipher.final()]);
  } catch {
    throw new AgeError('damaged');
  }
}

/** Cuts into pieces of this length; only the last one may be shorter. */
async function* inChunks(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of bytes) {
    held.push(Buffer.from(piece));
    size += piece.length;
    if (size < length) continue;
    const all = Buffer.concat(held);
    let start = 0;
    for (; start + length <= all.length; start += length) yield all.subarray(start, start + length);
    held = [all.subarray(start)];
    size = all.length - start;
  }
  if (size > 0) yield Buffer.concat(held);
}

/** The header ends with the line that begins with three dashes. */
async function splitHeader(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ header: string; rest: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const mark = head.indexOf('\n---');
    const end = mark === -1 ? -1 : head.indexOf('\n', mark + 1);
    if (end !== -1) {
      const header = head.toString('latin1', 0, end + 1);
      return { header, rest: goOn(head.subarray(end + 1), iterator) };
    }
    const next = await iterator.next();
    if (next.done === true || head.length > longestHeader) throw new AgeError('foreign');
    head = Buffer.concat([head, next.value]);
  }
}

async function* goOn(first: Buffer, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
}

async function* splitNonce(
  bytes: AsyncIterable<Uint8Array>,
  onNonce: (nonce: Buffer) => void,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of bytes) {
    if (head === undefined) yield piece;
    else {
      head = Buffer.concat([head, piece]);
      if (head.length < nonceLength) continue;
      onNonce(head.subarray(0, nonceLength));
      yield head.subarray(nonceLength);
      head = undefined;
    }
  }
  if (head !== undefined) throw new AgeError('damaged');
}
