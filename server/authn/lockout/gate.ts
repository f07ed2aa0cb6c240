import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { AppError } from '../../errors.ts';
import type { Ids } from '../../ids.ts';
import type { InTransaction } from '../../transaction.ts';
import type { LoginCandidate } from '../credential-store.ts';
import type { PasswordHasher } from '../password-hasher.ts';
import type { Admission, AttemptStore, AttemptTarget } from './attempt-store.ts';
import { type DeviceTokens, hashDeviceToken, type KnownDevice } from './device.ts';
import { networkOf } from './network.ts';

export interface GateDeps {
  attempts: AttemptStore;
  hasher: PasswordHasher;
  audit: AuditLog;
  clock: Clock;
  ids: Ids;
  inTransaction: InTransaction;
  lockout: {
    softAfter: number;
    hardAfter: number;
    /** Seconds in which failures of networks are counted. */
    window: number;
  };
}

export interface PresentedPassword {
  target: AttemptTarget;
  password: string;
  device: DeviceTokens;
  by: Actor;
}

export type FailureReason =
  | 'unknown_account'
  | 'disabled'
  | 'no_password'
  | 'wrong_password'
  | 'credential_unusable'
  | 'initial_password_expired';

/** An attempt whose secret was right. It counts as a failure until AttemptStore.succeed has taken it back. */
export interface ProvenAttempt {
  id: string;
  subject: string;
  now: Date;
}

export type GateOutcome =
  | {
      kind: 'proven';
      candidate: LoginCandidate;
      device: KnownDevice | undefined;
      attempt: ProvenAttempt;
      /** The stored hash is not made as new ones are. */
      upgrade: boolean;
    }
  | {
      kind: 'rejected';
      accountId: string | undefined;
      reason: FailureReason;
      /** This failure was the one that begins a lock. */
      lock: BegunLock | undefined;
    }
  | { kind: 'locked'; accountId: string | undefined; until: Date | null; isKnownDevice: boolean };

/** `isClosed`: not for a while, but until the password is reset. */
export interface BegunLock {
  failures: number;
  isClosed: boolean;
  isKnownDevice: boolean;
}

/**
 * The one place where a password is compared. Every attempt is counted before, so that of any number at once only as many are
 * looked at as the rule allows; whatever the answer is, it costs one hash, but for a known device that is told to wait.
 *
 * @throws AppError overloaded when too many passwords are being hashed, too_many_sign_ins when too many sign-ins have failed
 * from that network, or from everywhere
 */
export function makeGate(deps: GateDeps) {
  return async ({ target, password, device, by }: PresentedPassword): Promise<GateOutcome> => {
    const attempt = { id: deps.ids.id(), now: deps.clock.now(), network: networkOf(by.ip) };
    const admission = await deps.attempts.admit({
      ...attempt,
      target,
      devices: device.map(hashDeviceToken),
    });
    const { subject, candidate, verdict } = admission;
    if (verdict.kind === 'limited') return refuseLimited(deps, attempt, verdict, by);
    const isKnownDevice = admission.device !== undefined;
    const reserved = { ...attempt, subject };
    if (verdict.kind === 'locked') {
      // As long as a wrong password takes; who has signed in here before is told, and may know at once.
      if (!isKnownDevice) {
        await deps.hasher.verify(password, undefined);
        await deps.attempts.noteFailure(reserved);
      }
      return { kind: 'locked', accountId: candidate?.accountId, until: verdict.until, isKnownDevice };
    }
    const checked = await verify(deps, password, candidate, reserved);
    if (checked.kind === 'match')
      return {
        kind: 'proven',
        candidate: checked.candidate,
        device: admission.device,
        attempt: reserved,
        upgrade: checked.upgrade,
      };
    if (!isKnownDevice) await deps.attempts.noteFailure(reserved);
    return {
      kind: 'rejected',
      accountId: candidate?.accountId,
      reason: checked.reason,
      lock: begunLock(deps, admission, verdict.failures),
    };
  };
}

export type Gate = ReturnType<typeof makeGate>;

type Checked =
  | { kind: 'match'; candidate: LoginCandidate; upgrade: boolean }
  | { kind: 'failed'; reason: FailureReason };

async function verify(
  { hasher, attempts }: GateDeps,
  password: string,
  candidate: LoginCandidate | undefined,
  attempt: ProvenAttempt,
): Promise<Checked> {
  // Only where a match counts: it may be faster than a mismatch.
  const stored = candidate?.status === 'active' ? candidate.password : undefined;
  const verdict = await hasher.verify(password, stored).catch(async (error: unknown) => {
    // Nothing was compared: a crowd must not lock those who are in it.
    if (error instanceof AppError && error.code === 'overloaded') await attempts.giveBack(attempt);
    throw error;
  });
  if (candidate === undefined) return { kind: 'failed', reason: 'unknown_account' };
  if (candidate.status === 'disabled') return { kind: 'failed', reason: 'disabled' };
  if (candidate.password === undefined) return { kind: 'failed', reason: 'no_password' };
  if (verdict.kind === 'match')
    return candidate.temporaryUntil !== null && candidate.temporaryUntil <= attempt.now
      ? { kind: 'failed', reason: 'initial_password_expired' }
      : { kind: 'match', candidate, upgrade: verdict.upgrade };
  return { kind: 'failed', reason: verdict.why === 'unusable' ? 'credential_unusable' : 'wrong_password' };
}

/** Each number of failures is told to one attempt only, so that each lock begins once. */
function begunLock({ lockout }: GateDeps, { device }: Admission, failures: number): BegunLock | undefined {
  const isClosed = failures === lockout.hardAfter;
  if (!isClosed && failures !== lockout.softAfter) return undefined;
  return { failures, isClosed, isKnownDevice: device !== undefined };
}

async function refuseLimited(
  { attempts, audit, inTransaction, lockout }: GateDeps,
  { id, now, network }: { id: string; now: Date; network: string },
  { by: scope, until }: { by: 'network' | 'everywhere'; until: Date },
  by: Actor,
): Promise<never> {
  const subject = scope === 'network' ? `network ${network}` : 'everywhere';
  await inTransaction(async () => {
    const isNew = await attempts.raiseAlarm({ subject, id, now, seconds: lockout.window });
    if (isNew) await audit.append({ type: 'login.spray', scope }, by);
  });
  throw new AppError('too_many_sign_ins', {
    retryAfter: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)),
    detail: `too many failed sign-ins: ${subject}`,
  });
}
