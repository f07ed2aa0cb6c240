/**
 * 53 bits of a text in UTF-8, which is what a double holds exactly: among some 200,000 entries another text has the bits of one
 * of them once in 40 thousand millions. Not made against those who look for such a text: they would only get a password refused.
 *
 * @param length how many of the bytes count
 */
export function digestOf(bytes: Uint8Array, length: number): number {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let place = 0; place < length; place += 1) {
    const byte = bytes[place] ?? 0;
    one = Math.imul(one ^ byte, 2654435761);
    two = Math.imul(two ^ byte, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return 4294967296 * (2097151 & two) + (one >>> 0);
}
