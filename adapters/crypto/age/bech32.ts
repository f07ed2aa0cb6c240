const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const checkLength = 6;

/** Bech32 (BIP 173) of bytes, without its limit of 90 characters, as age uses it. */
export function toBech32(prefix: string, bytes: Buffer): string {
  const values = regroup([...bytes], 8, 5, true) ?? [];
  const check = checksum(prefix, [...values, ...Array.from({ length: checkLength }, () => 0)]) ^ 1;
  const checks = Array.from({ length: checkLength }, (_, index) => (check >> (5 * (5 - index))) & 31);
  return `${prefix}1${[...values, ...checks].map((value) => alphabet[value]).join('')}`;
}

/** The bytes, if the text is bech32 of this prefix (lower case); undefined otherwise, also when one character is wrong. */
export function fromBech32(prefix: string, text: string): Buffer | undefined {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return undefined;
  const lower = text.toLowerCase();
  const start = lower.lastIndexOf('1');
  if (lower.slice(0, start) !== prefix) return undefined;
  const values = Array.from(lower.slice(start + 1), (character) => alphabet.indexOf(character));
  if (values.length < checkLength || values.includes(-1) || checksum(prefix, values) !== 1) return undefined;
  const bytes = regroup(values.slice(0, -checkLength), 5, 8, false);
  return bytes && Buffer.from(bytes);
}

function checksum(prefix: string, values: readonly number[]): number {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  const all = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...values];
  return all.reduce((sum, value) => {
    const top = sum >>> 25;
    const shifted = ((sum & 0x1ffffff) << 5) ^ value;
    return generator.reduce((mixed, part, bit) => ((top >> bit) & 1 ? mixed ^ part : mixed), shifted);
  }, 1);
}

function regroup(values: readonly number[], from: number, to: number, pad: boolean): number[] | undefined {
  const result: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xffff;
    bits += from;
    for (; bits >= to; bits -= to) result.push((held >> (bits - to)) & (2 ** to - 1));
  }
  const rest = (held << (to - bits)) & (2 ** to - 1);
  if (pad) return bits > 0 ? [...result, rest] : result;
  return bits >= from || rest !== 0 ? undefined : result;
}
