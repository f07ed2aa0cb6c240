import { makeArgon2Hasher } from '../../adapters/crypto/argon2-hasher.ts';
import { makeEnvelope } from '../../adapters/crypto/envelope.ts';
import { makeEvenTime } from '../../adapters/crypto/foreign-hashes/even-time.ts';
import { makeForeignHashThread } from '../../adapters/crypto/foreign-hashes/threads.ts';
import { makeBroughtKeys } from '../../adapters/postgres/stores/brought-keys.ts';
import { readDearestWork } from '../../adapters/postgres/stores/foreign-passwords.ts';
import { makeHashingQueue } from '../authn/hashing-queue.ts';
import type { PasswordHasher } from '../authn/password-hasher.ts';
import type { ChangeFeed } from '../changes/feed.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { WholeRequests } from '../requests/whole-requests.ts';
import type { Storage } from './storage.ts';

/** How passwords are hashed and checked, ours and those that came from elsewhere, and the queue in front of it. */
export function makeHashing(
  config: Config,
  { database, secrets }: Storage,
  feed: ChangeFeed,
  { aside }: Pick<WholeRequests, 'aside'>,
) {
  const queue = makeHashingQueue({
    concurrency: config.hashing.concurrency,
    maxWaiting: config.hashing.queue,
  });
  const { verify } = makeForeignHashThread();
  const { even, forget } = makeEvenTime({
    dearest: () => readDearestWork(database),
    now: () => performance.now(),
  });
  feed.watch('foreign_password', forget);
  const argon2 = makeArgon2Hasher({
    keys: secrets.passwordKeys,
    queue,
    parameters: { memoryCost: config.hashing.memory / 1024, timeCost: config.hashing.passes, parallelism: 1 },
    findKey: makeBroughtKeys(database, makeEnvelope(secrets.encryptionKeys), systemClock).find,
    foreign: { verify, even },
  });
  const hasher: PasswordHasher = {
    ...argon2,
    hash: (password) => aside(`hash ${password}`, () => argon2.hash(password)),
  };
  return { queue, hasher };
}
