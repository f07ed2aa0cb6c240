import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { NamedKey } from '../../keys/key-list.ts';

/** The ids that pages of errors show. */
export interface ErrorIds {
  /** An id for one page that leads to this entry. Two of the same entry have nothing in common. */
  make(entryId: string): string;
  /** The entries that an id may lead to, by what can be told from it alone; one for each key. */
  entriesOf(errorId: string): string[];
}

/** An AES block: of the entry so many bytes, the rest is chance. */
const [blockLength, entryLength] = [16, 10];
const form = /^[A-Za-z0-9_-]{22}$/;

/**
 * The id of the page is the id of the entry with some chance, encrypted as one block: however many pages are shown, none of
 * their ids has to be stored, and whoever sees them learns nothing, not even whether two were refused for the same reason.
 *
 * @param keys the first one makes ids, all of them open them
 * @param newId 128 bits of chance in base64url
 */
export function makeErrorIds(keys: readonly NamedKey[], newId: () => string): ErrorIds {
  const derived = keys.map(({ key }) =>
    Buffer.from(hkdfSync('sha256', key, '', 'gatehouse error id v1', 16)),
  );
  const [making] = derived;
  if (making === undefined) throw new Error('at least one key is needed');
  return {
    make(entryId) {
      const block = Buffer.from(newId(), 'base64url').subarray(0, blockLength);
      Buffer.from(entryId, 'base64url').copy(block, 0, 0, entryLength);
      // A single block, never the same twice: it hides what is in it, and there is nothing to authenticate.
      const cipher = createCipheriv('aes-128-ecb', making, null).setAutoPadding(false);
      return Buffer.concat([cipher.update(block), cipher.final()]).toString('base64url');
    },
    entriesOf(errorId) {
      if (!form.test(errorId)) return [];
      const block = Buffer.from(errorId, 'base64url');
      return derived.map((key) => {
        const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
        const opened = Buffer.concat([decipher.update(block), decipher.final()]);
        return opened.subarray(0, entryLength).toString('base64url');
      });
    },
  };
}

/** Bytes of the id of an entry. */
export const entryIdLength = entryLength;
