import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { fromBech32, toBech32 } from './bech32.ts';

/** Whom a file is encrypted to: the public half of an X25519 key. */
export interface Recipient {
  share: Buffer;
}

/** Who can decrypt it. */
export interface Identity extends Recipient {
  privateKey: KeyObject;
}

const publicPrefix = 'age';
const secretPrefix = 'age-secret-key-';
/** What stands in front of the 32 bytes in RFC 8410's DER. */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const spki = Buffer.from('302a300506032b656e032100', 'hex');

/** A new key, as `age-keygen` writes it. */
export function makeIdentityText(): { identity: string; recipient: string } {
  const { privateKey } = generateKeyPairSync('x25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(pkcs8.length);
  return {
    identity: toBech32(secretPrefix, secret).toUpperCase(),
    recipient: toBech32(publicPrefix, shareOf(privateKey)),
  };
}

export interface AgeKeys {
  /** Everybody whose key is there, in either half. */
  recipients: Recipient[];
  identities: Identity[];
}

/** Reads keys as age has them, one in a line; lines with `#` are remarks. Undefined when a line is something else. */
export function readAgeKeys(text: string): AgeKeys | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = lines.map((line) => readIdentity(line) ?? readRecipient(line));
  const understood = keys.filter((key) => key !== undefined);
  if (understood.length < keys.length || keys.length === 0) return undefined;
  return { recipients: understood, identities: understood.filter(isIdentity) };
}

function isIdentity(key: Identity | Recipient): key is Identity {
  return 'privateKey' in key;
}

function readIdentity(line: string): Identity | undefined {
  const secret = fromBech32(secretPrefix, line);
  if (secret?.length !== 32) return undefined;
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, secret]), format: 'der', type: 'pkcs8' });
  return { privateKey, share: shareOf(privateKey) };
}

function readRecipient(line: string): Recipient | undefined {
  const share = fromBech32(publicPrefix, line);
  return share?.length === 32 ? { share } : undefined;
}

function shareOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spki.length);
}

/** What both sides know (RFC 7748); undefined for a share of low order, with which everybody would know it. */
export function agree(privateKey: KeyObject, share: Buffer): Buffer | undefined {
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([spki, share]), format: 'der', type: 'spki' });
    const secret = diffieHellman({ privateKey, publicKey });
    return secret.every((byte) => byte === 0) ? undefined : secret;
  } catch {
    return undefined;
  }
}

/** A key for one file, and its public half. */
export function makeEphemeral(): Identity {
  const { privateKey } = generateKeyPairSync('x25519');
  return { privateKey, share: shareOf(privateKey) };
}
