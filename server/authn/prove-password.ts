import type { Actor, AuditLog } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import type { AttemptStore } from './lockout/attempt-store.ts';
import type { DeviceTokens } from './lockout/device.ts';
import type { Gate } from './lockout/gate.ts';
import type { NoteFailure } from './lockout/note-failure.ts';

export interface ProvePasswordDeps {
  gate: Gate;
  noteFailure: NoteFailure;
  attempts: Pick<AttemptStore, 'succeed'>;
  audit: AuditLog;
  inTransaction: InTransaction;
}

export interface PasswordProof {
  accountId: string;
  password: string;
  /** What the browser presents; see server/http/device-cookie.ts. None for callers without one. */
  device: DeviceTokens;
  by: Actor;
}

/**
 * `sessionsEndedAt` is when all sessions of the account had been ended last as the password was looked up: if they are ended
 * again, this proof does not count any more. `locked` means too many wrong ones before, whatever this one was; `until` is null
 * when the password is closed until it is reset.
 */
export type ProvePasswordOutcome =
  | { kind: 'proven'; sessionsEndedAt: string | null }
  | { kind: 'rejected' }
  | { kind: 'locked'; until: Date | null };

/**
 * Proves somebody who is signed in by their password once more: before it is changed, before a sensitive change, at the API.
 * It counts and is limited as a sign-in is, with the same counters. Must not be called in a transaction: a failure must stay
 * counted whatever comes after it.
 *
 * @throws AppError overloaded when too many passwords are being hashed, too_many_sign_ins when too many sign-ins have failed
 * from that network
 */
export const makeProvePassword =
  (deps: ProvePasswordDeps) =>
  async ({ accountId, password, device, by }: PasswordProof): Promise<ProvePasswordOutcome> => {
    const outcome = await deps.gate({ target: { kind: 'account', accountId }, password, device, by });
    switch (outcome.kind) {
      case 'proven':
        await deps.inTransaction(() => deps.attempts.succeed({ ...outcome.attempt, accountId }, undefined));
        return { kind: 'proven', sessionsEndedAt: outcome.candidate.sessionsEndedAt };
      case 'rejected':
        await deps.noteFailure({ type: 'reauth.failed', accountId, reason: outcome.reason }, outcome, by);
        return { kind: 'rejected' };
      case 'locked':
        await deps.audit.append({ type: 'reauth.failed', accountId, reason: 'locked' }, by);
        return { kind: 'locked', until: outcome.until };
      default:
        return outcome satisfies never;
    }
  };

export type ProvePassword = ReturnType<typeof makeProvePassword>;
