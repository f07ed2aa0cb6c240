import type { SigningKey } from './signing-key.ts';

/** What everybody may know of a key of each type (RFC 7518 6.2.1, 6.3.1; RFC 8037 2), beside what names it (RFC 7517 4). */
const publicMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};
const naming = ['kty', 'kid', 'use', 'alg'];

/** Signature algorithms by what a key was made for. */
const algorithms: Readonly<Record<SigningKey['purpose'], readonly string[]>> = {
  rsa: ['RS256', 'PS256'],
  es256: ['ES256'],
  eddsa: ['EdDSA'],
};

export interface PublicKey {
  kid: string;
  purpose: SigningKey['purpose'];
  algorithms: readonly string[];
  createdAt: Date;
  /** Members are named one by one: one that is not known to be public stays behind. */
  jwk: Record<string, string>;
}

/** A signing key without what signs. */
export function toPublicKey({ kid, purpose, jwk, createdAt }: SigningKey): PublicKey {
  const members = [...naming, ...(publicMembers[jwk.kty] ?? [])];
  const shown = members.flatMap((name): [string, string][] => {
    const value = jwk[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { kid, purpose, algorithms: algorithms[purpose], createdAt, jwk: Object.fromEntries(shown) };
}
