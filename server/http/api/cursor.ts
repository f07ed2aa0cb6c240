import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../errors.ts';
import type { NamedKey } from '../../keys/key-list.ts';

/** Tells the lists of all APIs apart: what one gave out is no place in another. No dot is in it. */
export type ListName = string;

/** Seals the places of a list's pages, so that only what a list gave out comes back to the database, and only to that list. */
export interface Cursors {
  seal(list: ListName, place: string): string;
  /** @throws AppError invalid_cursor for anything that was not sealed here for this list */
  open(list: ListName, cursor: string): string;
}

const longestCursor = 2048;
const form = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/** @param keys the first one seals, all open: a key can be replaced while somebody pages through a list */
export function makeCursors(keys: readonly NamedKey[]): Cursors {
  const derived = keys.map(({ key }) => Buffer.from(hkdfSync('sha256', key, '', 'gatehouse cursor v1', 32)));
  const [sealing] = derived;
  if (sealing === undefined) throw new Error('at least one key is needed');
  return {
    seal: (list, place) => {
      const encoded = Buffer.from(place, 'utf8').toString('base64url');
      return `${encoded}.${authenticate(sealing, list, encoded).toString('base64url')}`;
    },
    open: (list, cursor) => {
      const [, encoded, tag] = (cursor.length <= longestCursor ? form.exec(cursor) : null) ?? [];
      if (encoded === undefined || tag === undefined) throw new AppError('invalid_cursor');
      const given = Buffer.from(tag, 'base64url');
      // The last character has spare bits that decoding ignores; only the one spelling that was given out is taken.
      const canonical = given.toString('base64url') === tag;
      const known = derived.map((key) => timingSafeEqual(authenticate(key, list, encoded), given));
      if (!canonical || !known.includes(true)) throw new AppError('invalid_cursor');
      return Buffer.from(encoded, 'base64url').toString('utf8');
    },
  };
}

/** The list's name is part of what is authenticated; it has no dot, so the two cannot be confused. */
function authenticate(key: Buffer, list: ListName, encoded: string): Buffer {
  return createHmac('sha256', key).update(`${list}.${encoded}`).digest();
}
