import { createHmac, randomBytes } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import type { ForeignPassword } from '../../server/authn/foreign-password.ts';
import type { HashingQueue } from '../../server/authn/hashing-queue.ts';
import {
  type OwnPassword,
  type PasswordHasher,
  type PasswordVerdict,
  passwordMaxBytes,
  type StoredPassword,
} from '../../server/authn/password-hasher.ts';
import { AppError } from '../../server/errors.ts';
import type { NamedKey } from '../../server/keys/key-list.ts';

export interface Argon2Parameters {
  /** KiB */
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

/** OWASP ASVS 5.0 appendix C. */
export const defaultArgon2Parameters: Argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface Argon2HasherOptions {
  /** The first one is used for new hashes, all verify. */
  keys: readonly NamedKey[];
  /** Bounds how many hashes are computed and wait. */
  queue: Pick<HashingQueue, 'run'>;
  parameters?: Argon2Parameters;
  /** Keys that are not in the list: those that came with passwords of another server. They only verify. */
  findKey?: ((id: string) => Promise<Buffer | undefined>) | undefined;
  /** Left out where no hash is from elsewhere. */
  foreign?: ForeignHashes | undefined;
}

/** What the hasher needs for passwords that another system has hashed. */
export interface ForeignHashes {
  /** Undefined when the hash cannot be checked. */
  verify(stored: ForeignPassword, password: Buffer): Promise<boolean | undefined>;
  /**
   * Waits so long that nobody can tell whether a foreign hash was checked, or which; for passwords that do not match.
   *
   * @param took milliseconds that a foreign hash took, 0 when there was none to check
   */
  even(took: number): Promise<void>;
}

/** Values of the enums Algorithm and Version, which are declared in a way that type stripping cannot use. */
const argon2id = 2;
const version13 = 1;
const saltLength = 16;
const outputLength = 32;

/**
 * Argon2id (RFC 9106) over HMAC-SHA256 of the NFC-normalised password: a stolen table cannot be guessed at without the
 * key, which is kept apart from it (NIST SP 800-63B-4 3.1.1.2), and every length of password costs the same.
 */
export function makeArgon2Hasher({
  keys,
  queue,
  parameters = defaultArgon2Parameters,
  findKey,
  foreign,
}: Argon2HasherOptions): PasswordHasher {
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  const present = keys[0];
  if (present === undefined) throw new Error('at least one password key is needed');
  const decoy: OwnPassword = { hash: makeDecoy(parameters), keyId: present.id };

  /** What is compared, and whether a match may count: everything that cannot match is compared with the decoy. */
  const choose = (password: Buffer | undefined, stored: OwnPassword | undefined) => {
    const key = stored === undefined ? undefined : byId.get(stored.keyId);
    if (stored === undefined || key === undefined || !isReadable(stored.hash)) {
      return {
        target: decoy.hash,
        key: present.key,
        why: stored === undefined ? 'wrong' : 'unusable',
      } as const;
    }
    if (password === undefined) return { target: decoy.hash, key: present.key, why: 'wrong' } as const;
    return { target: stored.hash, key, why: undefined };
  };

  const bringKey = async (id: string): Promise<void> => {
    if (byId.has(id)) return;
    const key = await findKey?.(id);
    if (key !== undefined) byId.set(id, key);
  };

  /** In the place in the queue that our own hash, which is checked first in any case, has waited for. */
  const verifyForeign = async (stored: ForeignPassword | undefined, password: Buffer | undefined) => {
    if (stored === undefined || password === undefined) return { matches: false, took: 0 };
    const began = performance.now();
    const matches = await foreign?.verify(stored, password);
    return { matches, took: performance.now() - began };
  };

  return {
    async hash(password) {
      const bytes = encode(password);
      if (bytes === undefined) {
        throw new AppError('invalid_input', {
          fields: [{ field: 'password', message: `Use 1 to ${passwordMaxBytes} bytes.` }],
        });
      }
      const mac = applyKey(present.key, bytes);
      const salt = randomBytes(saltLength);
      const text = await queue.run(() =>
        hash(mac, { algorithm: argon2id, version: version13, outputLen: outputLength, salt, ...parameters }),
      );
      return { hash: text, keyId: present.id };
    },

    async verify(password, stored): Promise<PasswordVerdict> {
      const bytes = encode(password);
      const brought = stored !== undefined && isForeign(stored) ? stored : undefined;
      const ours = stored !== undefined && isForeign(stored) ? undefined : stored;
      if (ours !== undefined) await bringKey(ours.keyId);
      const { target, key, why } = choose(bytes, ours);
      const mac = applyKey(key, bytes ?? Buffer.alloc(0));
      const { own, theirs } = await queue.run(async () => ({
        own: await verify(target, mac),
        // As it was typed: what the other system made of it before hashing is not known.
        theirs: await verifyForeign(brought, bytes && Buffer.from(password, 'utf8')),
      }));
      if (brought !== undefined && theirs.matches === true) return { kind: 'match', upgrade: true };
      if (brought === undefined && own && why === undefined)
        return { kind: 'match', upgrade: key !== present.key || !hasParameters(target, parameters) };
      // Who knows the password may see how it is hashed; nobody else may.
      await foreign?.even(theirs.took);
      if (brought === undefined) return { kind: 'mismatch', why: why ?? 'wrong' };
      return { kind: 'mismatch', why: theirs.matches === undefined ? 'unusable' : 'wrong' };
    },
  };
}

function isForeign(stored: StoredPassword): stored is ForeignPassword {
  return 'scheme' in stored;
}

/** NFC, UTF-8; nothing when it is empty, too long, or no Unicode text (half a surrogate pair would become U+FFFD). */
function encode(password: string): Buffer | undefined {
  if (password.length > passwordMaxBytes * 3 || !password.isWellFormed()) return undefined;
  const bytes = Buffer.from(password.normalize('NFC'), 'utf8');
  return bytes.length === 0 || bytes.length > passwordMaxBytes ? undefined : bytes;
}

/** As text, since `verify` of the binding takes UTF-8 only. */
function applyKey(key: Buffer, password: Buffer): string {
  return createHmac('sha256', key).update(password).digest('base64url');
}

/** A well-formed hash that no password has: random output instead of a computed one. */
function makeDecoy({ memoryCost, timeCost, parallelism }: Argon2Parameters): string {
  const part = (length: number) => randomBytes(length).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${part(saltLength)}$${part(outputLength)}`;
}

function isReadable(text: string): boolean {
  try {
    parseOptions(text);
    return true;
  } catch {
    return false;
  }
}

function hasParameters(text: string, parameters: Argon2Parameters): boolean {
  const found = parseOptions(text);
  return (
    found.algorithm === argon2id &&
    found.version === version13 &&
    found.memoryCost === parameters.memoryCost &&
    found.timeCost === parameters.timeCost &&
    found.parallelism === parameters.parallelism &&
    found.outputLen === outputLength &&
    found.saltLen >= saltLength
  );
}
