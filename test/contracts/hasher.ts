import { randomBytes } from 'node:crypto';
import { makeArgon2Hasher } from '../../adapters/crypto/argon2-hasher.ts';

export const someKey = { id: 'k1', key: randomBytes(32) };
export const cheapParameters = { memoryCost: 64, timeCost: 1, parallelism: 1 };

/** The real hasher with cheap parameters, and the number of hashes that it has computed. */
export function aHasher({ keys = [someKey], parameters = cheapParameters } = {}) {
  const count = { hashes: 0 };
  const queue = {
    run<T>(job: () => Promise<T>): Promise<T> {
      count.hashes += 1;
      return job();
    },
  };
  return { ...makeArgon2Hasher({ keys, queue, parameters }), count };
}
