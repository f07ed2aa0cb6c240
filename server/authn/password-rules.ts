import { passwordMaxBytes } from './password-hasher.ts';

/** Code points of a password that an operator sets or an account with a second factor has (LIMITS row 1). */
export const shortestOperatorPassword = 8;
/** Code points of a password that people choose on a page, as the only factor (LIMITS row 1). */
export const shortestChosenPassword = 15;

/**
 * What is wrong with the length of a new password, in words for a person; never its kinds of characters (LIMITS rows 2 to 4).
 * Counted after NFC, the form that is hashed. This is only a part of the rules: wherever a password is set, ask
 * `findPasswordFault` of the house (type FindPasswordFault in password-policy.ts).
 */
export function faultInNewPassword(password: string, shortest: number): string | undefined {
  if (!password.isWellFormed()) return 'This text is broken. Type the password again.';
  const normalized = password.normalize('NFC');
  if (Buffer.byteLength(normalized, 'utf8') > passwordMaxBytes) {
    return `Use at most ${passwordMaxBytes} bytes (as many letters, or about half or a third as many in other scripts).`;
  }
  if (Array.from(normalized).length < shortest) return `Use at least ${shortest} characters.`;
  return undefined;
}
