/**
 * The first line of a backup, which has always the same length. It can be read without a tool, and so can the rest:
 * `tail -n +2 FILE | gunzip` gives one line for each row, after a line that describes the whole.
 */
export interface Head {
  /** SHA-256 of all that follows, in hex. */
  sha256: string;
  /** Number of bytes that follow. */
  length: number;
}

const name = 'gatehouse-backup';
const version = 1;
const form = /^gatehouse-backup (\d{1,9}) (?:sha256:([0-9a-f]{64}) length:(\d{16})\n)?/;

export function writeHead({ sha256, length }: Head): string {
  return `${name} ${version} sha256:${sha256} length:${String(length).padStart(16, '0')}\n`;
}

export const headLength = writeHead({ sha256: '0'.repeat(64), length: 0 }).length;

/** `foreign`: it is no backup; `newer`: a later program has made it. */
export function readHead(text: string): Head | 'foreign' | 'newer' {
  const [, number, sha256, length] = form.exec(text) ?? [];
  if (number === undefined || Number(number) < version) return 'foreign';
  if (Number(number) > version) return 'newer';
  return sha256 === undefined || length === undefined ? 'foreign' : { sha256, length: Number(length) };
}
