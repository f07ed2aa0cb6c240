import type { CommonPasswords, LoadCommonPasswords } from '../../server/authn/common-passwords.ts';
import { digestOf } from './digest.ts';
import { readDigests } from './list-files.ts';

/** The lists of @zxcvbn-ts as sorted digests of eight bytes each. */
export function makeLoadCommonPasswords(): LoadCommonPasswords {
  let loaded: Promise<CommonPasswords> | undefined;
  return () => {
    loaded ??= readDigests().then(
      (digests) => ({ size: digests.length, includes: (folded) => has(digests, folded) }),
      (error: unknown) => {
        loaded = undefined;
        throw error;
      },
    );
    return loaded;
  };
}

function has(digests: Float64Array, folded: string): boolean {
  const bytes = Buffer.from(folded, 'utf8');
  return isIn(digests, digestOf(bytes, bytes.length));
}

function isIn(sorted: Float64Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] ?? Number.NaN;
    if (found === wanted) return true;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
