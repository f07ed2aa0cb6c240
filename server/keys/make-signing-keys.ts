import { generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { PrivateJwk, SigningKey } from './signing-key.ts';

const generateKeyPair = promisify(generate);

/**
 * A first set of signing keys: RSA 3072 (RS256 and PS256), P-256 (ES256) and Ed25519 (EdDSA).
 * The RSA key carries no `alg`, because the engine would then use it for that algorithm only (RFC 7517 4.4).
 */
export async function makeSigningKeys(deps: { clock: Clock; ids: Ids }): Promise<SigningKey[]> {
  const [rsa, ec, ed] = await Promise.all([
    generateKeyPair('rsa', { modulusLength: 3072 }),
    generateKeyPair('ec', { namedCurve: 'P-256' }),
    generateKeyPair('ed25519'),
  ]);
  const createdAt = deps.clock.now();
  const key = (purpose: SigningKey['purpose'], privateKey: KeyObject, alg?: string): SigningKey => {
    const kid = deps.ids.id();
    const jwk: PrivateJwk = {
      ...privateKey.export({ format: 'jwk' }),
      kty: kindOf[purpose],
      kid,
      use: 'sig',
    };
    return { kid, purpose, jwk: alg === undefined ? jwk : { ...jwk, alg }, createdAt };
  };
  return [
    key('rsa', rsa.privateKey),
    key('es256', ec.privateKey, 'ES256'),
    key('eddsa', ed.privateKey, 'EdDSA'),
  ];
}

const kindOf = { rsa: 'RSA', es256: 'EC', eddsa: 'OKP' } as const;
