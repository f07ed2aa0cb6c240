/** @typedef {'denied' | 'stale' | 'offline' | 'storage' | 'refused'} FailureKind */

/** A sign-in that did not come to its end, and why, as far as a person can do something about it. */
export class SignInFailure extends Error {
  /**
   * @param {FailureKind} kind
   * @param {string} [reason] words of the server or of the protocol library
   */
  constructor(kind, reason = '') {
    super(reason === '' ? kind : reason);
    this.name = 'SignInFailure';
    this.kind = kind;
  }
}

/**
 * Whatever was thrown, as a failure that the page has words for.
 *
 * @param {unknown} error
 */
export function toFailure(error) {
  if (error instanceof SignInFailure) return error;
  // fetch has nothing but a TypeError for a server that cannot be reached.
  if (error instanceof TypeError && !('code' in error)) return new SignInFailure('offline');
  return new SignInFailure('refused', describe(error));
}

/** The server's words (RFC 6749 5.2) where the error carries some, otherwise the library's.
 * @param {unknown} error
 */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const code = 'error' in error ? error.error : undefined;
  const description = 'error_description' in error ? error.error_description : undefined;
  return [code, description].filter((part) => typeof part === 'string').join(': ') || error.message;
}
