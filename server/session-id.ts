import { createHash } from 'node:crypto';

const hash = (of: string | Buffer): Buffer => createHash('sha256').update(of).digest();

/**
 * A browser session as lists and the audit log name it: 128 bits of a hash of the hash under which it is stored, from the name
 * that the engine has for it. Stable, and nothing that could be presented follows from it.
 */
export const sessionIdOf = (uid: string): string => hash(hash(uid)).toString('hex').slice(0, 32);
