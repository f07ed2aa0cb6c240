import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';

const mostKeys = 20;
const longestMember = 8192;
/** NIST SP 800-57 part 1, 5.6.1.1: 112 bits of strength; larger ones than the upper bound only cost time. */
const leastModulus = 2048;
const mostModulus = 8192;
const leastExponent = 65_537n;

/** RFC 7518 6.2.2, 6.3.2, 6.4, and RFC 8037 2: members that belong to private and symmetric keys. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

const member = z.string().min(1).max(longestMember);

/** A public JSON Web Key (RFC 7517 4); members that nobody knows are allowed and ignored there. */
const publicKey = z
  .object({
    kty: z.enum(['RSA', 'EC', 'OKP']),
    kid: member.max(255).optional(),
    use: z.enum(['sig', 'enc']).optional(),
    alg: member.max(32).optional(),
    key_ops: z.array(member.max(32)).max(8).optional(),
  })
  .catchall(z.union([member, z.array(member).max(10)]))
  .check((context) => {
    const fault = faultInKey(context.value);
    if (fault !== undefined) context.issues.push({ code: 'custom', message: fault, input: context.value });
  });

/** The client's public keys (RFC 7591 2, `jwks`). */
export const jwks = z.strictObject({ keys: z.array(publicKey).min(1).max(mostKeys) }).check((context) => {
  const ids = context.value.keys.map(({ kid }) => kid).filter((kid) => kid !== undefined);
  if (new Set(ids).size !== ids.length) {
    context.issues.push({
      code: 'custom',
      message: 'Each key needs a kid of its own.',
      input: context.value,
    });
  }
});

export type Jwks = z.output<typeof jwks>;

/** What is wrong with a public key: a private one, one on a curve that we do not use, one that is too weak or no key at all. */
function faultInKey(jwk: Jwks['keys'][number]): string | undefined {
  if (privateMembers.some((name) => Object.hasOwn(jwk, name))) {
    return 'Give the public key only, and replace this one: its private part has now been sent somewhere.';
  }
  if (jwk.alg?.startsWith('HS') || jwk.alg === 'none') return 'Give a key for an asymmetric algorithm.';
  switch (jwk.kty) {
    case 'RSA':
      return isPublicKey(jwk) ? faultInRsaSize(jwk) : 'This is not an RSA public key.';
    case 'EC':
      return isOneOf(['P-256', 'P-384', 'P-521'], jwk.crv) && isPublicKey(jwk)
        ? undefined
        : 'This is not a public key on P-256, P-384 or P-521.';
    case 'OKP':
      return isOneOf(['Ed25519', 'X25519'], jwk.crv) && isPublicKey(jwk)
        ? undefined
        : 'This is not a public key on Ed25519 or X25519.';
    default:
      return jwk.kty satisfies never;
  }
}

const isOneOf = (names: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && names.includes(value);

/** Whether the crypto library takes it; for a curve that also means that the point lies on it. */
function isPublicKey(jwk: JsonWebKey): boolean {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' }).type === 'public';
  } catch {
    return false;
  }
}

function faultInRsaSize(jwk: JsonWebKey): string | undefined {
  const { modulusLength = 0, publicExponent = 0n } =
    createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyDetails ?? {};
  if (modulusLength < leastModulus || modulusLength > mostModulus) {
    return `Use a modulus of ${leastModulus} to ${mostModulus} bits.`;
  }
  return publicExponent < leastExponent ? 'Use the public exponent 65537.' : undefined;
}
