import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { makeIdentityText, readAgeKeys } from '../../../adapters/crypto/age/keys.ts';
import { decryptAge, encryptAge } from '../../../adapters/crypto/age/stream.ts';

interface Golden {
  identity: string;
  recipient: string;
  files: { plain: string; sealed: string }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('golden/age.json', import.meta.url), 'utf8'));

const keysOf = (text: string) => {
  const keys = readAgeKeys(text);
  if (keys === undefined) throw new Error('this is no key');
  return keys;
};

async function* inPieces(bytes: Buffer, length = 1000): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}

async function all(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const held: Buffer[] = [];
  for await (const piece of pieces) held.push(piece);
  return Buffer.concat(held);
}

const { recipients, identities } = keysOf(makeIdentityText().identity);
const sealed = (plain: Buffer) => all(encryptAge(recipients, inPieces(plain)));
const opened = (bytes: Buffer, length?: number) => all(decryptAge(identities, inPieces(bytes, length)));

describe('an encrypted file', () => {
  it.each(golden.files)('that the tool age has made is read: $plain', async ({ plain, sealed: base64 }) => {
    const keys = keysOf(`# a remark\n\n${golden.identity}\n`);
    const bytes = Buffer.from(base64, 'base64');
    for (const length of [1, 7, 100_000])
      expect((await all(decryptAge(keys.identities, inPieces(bytes, length)))).toString()).toBe(plain);
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])('of %i bytes comes back', async (length) => {
    const plain = randomBytes(length);
    expect((await opened(await sealed(plain))).equals(plain)).toBe(true);
  });

  it('is another one each time', async () => {
    expect((await sealed(Buffer.from('x'))).equals(await sealed(Buffer.from('x')))).toBe(false);
  });

  it('is not read when any byte is another one', async () => {
    const bytes = await sealed(Buffer.from('people'));
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      await expect(opened(changed)).rejects.toMatchObject({
        kind: expect.stringMatching(/^(?:foreign|locked|damaged)$/),
      });
    }
  });

  it('is not read when its end is missing, wherever it is cut', async () => {
    const bytes = await sealed(randomBytes(140_000));
    const chunk = 65_536 + 16;
    const body = bytes.length - (140_000 + 3 * 16);
    const cuts = [0, 10, body - 1, body, body + 1, body + chunk, body + 2 * chunk, bytes.length - 1];
    for (const cut of cuts)
      await expect(opened(bytes.subarray(0, cut), 50_000)).rejects.toMatchObject({
        kind: expect.stringMatching(/^(?:foreign|damaged)$/),
      });
  });

  it('is not read when it goes on behind its end, or chunks have changed their places', async () => {
    const bytes = await sealed(randomBytes(140_000));
    const chunk = 65_536 + 16;
    const body = bytes.length - (140_000 + 3 * 16);
    const part = (from: number, to: number) => bytes.subarray(body + from * chunk, body + to * chunk);
    const head = bytes.subarray(0, body);
    const swapped = Buffer.concat([head, part(1, 2), part(0, 1), part(2, 3)]);
    for (const wrong of [Buffer.concat([bytes, Buffer.from('x')]), Buffer.concat([bytes, bytes]), swapped])
      await expect(opened(wrong, 50_000)).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('is for those alone whose keys were given', async () => {
    const bytes = await sealed(Buffer.from('people'));
    const other = keysOf(makeIdentityText().identity);
    await expect(all(decryptAge(other.identities, inPieces(bytes)))).rejects.toMatchObject({
      kind: 'locked',
    });
  });
});

describe('a key for it', () => {
  it('has the two halves that age-keygen gives', () => {
    const [whole, half] = [keysOf(golden.identity), keysOf(golden.recipient)];
    expect(half.recipients).toEqual([{ share: whole.identities[0]?.share }]);
    expect(half.identities).toEqual([]);
  });

  it('is not taken with a character that is wrong, nor of mixed case', () => {
    for (const text of [golden.identity, golden.recipient]) {
      for (let index = 0; index < text.length; index += 1) {
        const other = text[index] === 'q' || text[index] === 'Q' ? 'p' : 'q';
        const letter = text === golden.identity ? other.toUpperCase() : other;
        if (letter === text[index]) continue;
        expect(readAgeKeys(text.slice(0, index) + letter + text.slice(index + 1))).toBeUndefined();
      }
    }
    expect(readAgeKeys(golden.recipient.replace('age1', 'AGE1'))).toBeUndefined();
    expect(readAgeKeys('')).toBeUndefined();
    expect(readAgeKeys(`${golden.recipient}\nand more`)).toBeUndefined();
  });
});
