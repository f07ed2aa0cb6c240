import { makeGate } from '../../server/authn/lockout/gate.ts';
import { makeNoteFailure } from '../../server/authn/lockout/note-failure.ts';
import type { PasswordHasher } from '../../server/authn/password-hasher.ts';
import type { Clock } from '../../server/clock.ts';
import { randomIds } from '../../server/ids.ts';
import { someLockout, someTime } from './builders.ts';
import type { Stores } from './stores.ts';

/** The gate before passwords on these stores, at `someTime` unless a clock is given. */
export const aGate = (stores: Stores, hasher: PasswordHasher, clock: Clock = { now: () => someTime }) =>
  makeGate({ ...stores, hasher, clock, ids: randomIds, lockout: someLockout });

/** What writes failures down, and owes the owner a mail. */
export const aNoteFailure = (stores: Stores) =>
  makeNoteFailure({
    ...stores,
    mails: stores.outbox,
    clock: { now: () => someTime },
    issuer: 'https://id.example',
  });
