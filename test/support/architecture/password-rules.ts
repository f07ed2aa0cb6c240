import type { Finding, SourceFile } from './source-file.ts';

/** The one place where a password is compared, and everything that is counted and limited with it. */
const gate = 'server/authn/lockout/gate.ts';

/** A hasher, however it is called, that is asked to verify; or that is handed on so that somebody else can. */
const asks = [
  /\b\w*[hH]asher\??\.verify\b/,
  /\bverify\b[^;{}]*\}\s*(?:=|:)\s*[^;]*\b\w*[hH]asher\b/,
  /Pick<PasswordHasher,[^>]*'verify'/,
];

/** Passwords that are compared past the gate: whoever guesses there is not counted, or not stopped. */
export function findUngatedPasswords(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => /^(?:server|interactions)\/.*\.ts$/.test(path) && path !== gate)
    .filter(({ text }) => asks.some((pattern) => pattern.test(text)))
    .map(({ path }) => ({ path, problem: `compares a password itself, which only ${gate} may do` }));
}
