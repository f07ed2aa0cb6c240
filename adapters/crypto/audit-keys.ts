import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { AuditKeys } from '../../server/audit/chain/keys.ts';
import type { NamedKey } from '../../server/keys/key-list.ts';

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410, section 7). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

interface Pair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/**
 * The keys of the audit log, derived (HKDF, RFC 5869) from those of the setting ENCRYPTION_KEYS: nothing of them is in the
 * database, each use has a key of its own, and what an old key has sealed is verified as long as it stands in the list.
 */
export function makeAuditKeys(keys: readonly NamedKey[]): AuditKeys {
  const [first] = keys;
  if (first === undefined) throw new Error('at least one key is needed');
  const macKeys = new Map(keys.map(({ id, key }) => [id, derive(key, 'gatehouse audit v1')]));
  const pairs = new Map<string, Pair>();
  const pairOf = (id: string): Pair | undefined => {
    const key = keys.find((one) => one.id === id)?.key;
    if (key === undefined) return undefined;
    const known = pairs.get(id) ?? makePair(key);
    pairs.set(id, known);
    return known;
  };
  return {
    current: first.id,
    mac(keyId, text) {
      const key = macKeys.get(keyId);
      return key && createHmac('sha256', key).update(text, 'utf8').digest();
    },
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), makePair(first.key).privateKey),
    isSigned(keyId, text, signature) {
      const pair = pairOf(keyId);
      return pair && verify(null, Buffer.from(text, 'utf8'), pair.publicKey, signature);
    },
    publicKeys: () =>
      keys.map(({ id, key }) => {
        const { x = '' } = makePair(key).publicKey.export({ format: 'jwk' });
        return { kty: 'OKP', crv: 'Ed25519', kid: id, x };
      }),
  };
}

function makePair(key: Buffer): Pair {
  const seed = derive(key, 'gatehouse audit checkpoint v1');
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function derive(key: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', use, 32));
}
