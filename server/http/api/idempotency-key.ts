import { AppError } from '../../errors.ts';

const longest = 255;
/** RFC 8941 3.3.3: printable ASCII in quotes, of which quote and backslash stand after a backslash. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** What many programs send instead, such as a UUID as it is. */
const bare = /^[A-Za-z0-9._~:-]+$/;

/**
 * The key of an Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header 2.1), of 1 to 255 characters. Without quotes
 * it is taken too, and is the same key.
 *
 * @param header the field's value, `''` when there is none
 * @returns undefined when there is none
 * @throws AppError invalid_idempotency_key
 */
export function readIdempotencyKey(header: string): string | undefined {
  if (header === '') return undefined;
  const inQuotes = quoted.exec(header)?.[1]?.replaceAll(/\\(.)/g, '$1');
  const key = inQuotes ?? (bare.test(header) ? header : '');
  if (key === '' || key.length > longest) {
    throw new AppError('invalid_idempotency_key', {
      message: `Give 1 to ${longest} characters of ASCII in quotes, such as "8e03978e-40d5-43e8-bc93-6894a57f9324".`,
    });
  }
  return key;
}
