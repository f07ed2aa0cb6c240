import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { digestOf } from './digest.ts';

/** Leaked passwords, the words of Diceware, English words, first and last names; MIT, the words of films ODC-BY. */
const lists = [
  '@zxcvbn-ts/language-common/dist/passwords.json.mjs',
  '@zxcvbn-ts/language-common/dist/diceware.json.mjs',
  '@zxcvbn-ts/language-en/dist/commonWords.json.mjs',
  '@zxcvbn-ts/language-en/dist/wikipedia.json.mjs',
  '@zxcvbn-ts/language-en/dist/firstnames.json.mjs',
  '@zxcvbn-ts/language-en/dist/lastnames.json.mjs',
];

const begin = 'decompress("';
const [quote, backslash, capitalA, capitalZ] = [0x22, 0x5c, 0x41, 0x5a];

/**
 * The digests of all entries, sorted. The files are read byte by byte: imported as modules, they would stay in memory as some
 * 200,000 strings for as long as the process lives.
 *
 * @throws Error when a file is not what it was when this was written.
 */
export async function readDigests(): Promise<Float64Array> {
  const digests = new Set<number>();
  for (const list of lists) {
    const before = digests.size;
    addDigests(await readFile(fileURLToPath(import.meta.resolve(list))), digests);
    if (digests.size === before) throw new Error(`there is no list of words in ${list}`);
  }
  return Float64Array.from(digests).sort();
}

/**
 * Each file holds one string, in which an entry is a capital letter, which says with how much of the one before it begins, and
 * the rest. Entries are in lower case.
 */
function addDigests(file: Buffer, digests: Set<number>): void {
  const start = file.indexOf(begin);
  if (start === -1) return;
  const word = new Uint8Array(256);
  let length = 0;
  for (let place = start + begin.length; ; place += 1) {
    let byte = file[place] ?? quote;
    const isOver = byte === quote;
    if (isOver || (byte >= capitalA && byte <= capitalZ)) {
      if (length > 0) digests.add(digestOf(word, length));
      if (isOver) return;
      length = byte - capitalA;
      continue;
    }
    if (byte === backslash) {
      place += 1;
      byte = file[place] ?? quote;
    }
    word[length] = byte;
    length += 1;
  }
}
