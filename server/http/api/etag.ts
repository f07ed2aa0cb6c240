import { AppError } from '../../errors.ts';

/** The strong validator of an object in a version (RFC 9110 8.8.3). */
export const etagOf = (version: number): string => `"v${version}"`;

/** What an If-Match header demands (RFC 9110 13.1.1). */
export interface Precondition {
  /** Whether there is one that names versions: the change must then meet exactly the version that was checked. */
  binding: boolean;
  /** @throws AppError precondition_failed when the present version is none of those that the header names */
  check(version: number): void;
}

/** @param header the field's value, `''` when there is none. A weak tag never matches here (RFC 9110 8.8.3.2). */
export function readIfMatch(header: string): Precondition {
  const value = header.trim();
  if (value === '' || value === '*') return { binding: false, check: () => {} };
  const tags = value.split(',').map((tag) => tag.trim());
  return {
    binding: true,
    check: (version) => {
      if (!tags.includes(etagOf(version))) throw new AppError('precondition_failed');
    },
  };
}
