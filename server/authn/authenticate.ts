import { foldLoginName } from '../accounts/account.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import type { Ids } from '../ids.ts';
import type { InTransaction } from '../transaction.ts';
import type { CredentialStore } from './credential-store.ts';
import type { AttemptStore, AttemptTarget } from './lockout/attempt-store.ts';
import { type DeviceTokens, hashDeviceToken, renewDeviceTokens } from './lockout/device.ts';
import type { Gate, GateOutcome } from './lockout/gate.ts';
import type { NoteFailure } from './lockout/note-failure.ts';
import { unknownCounter } from './lockout/unknown-name.ts';
import type { PasswordHasher, StoredPassword } from './password-hasher.ts';

export interface AuthenticateDeps {
  gate: Gate;
  noteFailure: NoteFailure;
  attempts: Pick<AttemptStore, 'succeed'>;
  credentials: Pick<CredentialStore, 'upgradePassword'>;
  hasher: Pick<PasswordHasher, 'hash'>;
  audit: AuditLog;
  ids: Ids;
  inTransaction: InTransaction;
  /** Keys the counters of names that no account has. */
  unknownNameKey: Buffer;
}

export interface PasswordAttempt {
  username: string;
  password: string;
  /** What the browser presents; see server/http/device-cookie.ts. */
  device: DeviceTokens;
  clientId?: string | undefined;
  by: Actor;
}

/**
 * `sessionsEndedAt` is when all sessions of the account had been ended last as the password was looked up: if they are ended
 * again, with or without a new password, this proof does not count any more. `device` is what the browser is to hold from now
 * on. `locked` is told only to a device that has signed in to this account before; `until` is null when its password is closed
 * until it is reset. `must_change`: the password was set by an operator, and all that it is good for is to choose another one.
 */
export type AuthenticateOutcome =
  | {
      kind: 'authenticated';
      accountId: string;
      amr: string[];
      sessionsEndedAt: string | null;
      device: DeviceTokens;
    }
  /** The password is right, and too easily found by who has stolen its hash: only its owner is told, and nobody is let in. */
  | { kind: 'must_reset' }
  | { kind: 'must_change'; accountId: string }
  | { kind: 'rejected' }
  | { kind: 'locked'; until: Date | null };

/** The longest login name is an e-mail address (RFC 5321 4.5.3.1.3: a path of 256 octets with its brackets). */
const longestLoginName = 254;

/**
 * Proves a person by login name and password. Whatever is wrong (unknown, disabled, no password, wrong, empty, too
 * long, locked), the answer is the same `rejected` and its price is one hash; why is written in the audit log only.
 *
 * @throws AppError overloaded when too many passwords are being hashed, too_many_sign_ins when too many have failed from that network.
 */
export const makeAuthenticate =
  (deps: AuthenticateDeps) =>
  (attempt: PasswordAttempt): Promise<AuthenticateOutcome> =>
    authenticate(deps, attempt);

export type Authenticate = ReturnType<typeof makeAuthenticate>;

async function authenticate(deps: AuthenticateDeps, attempt: PasswordAttempt): Promise<AuthenticateOutcome> {
  const { password, device, clientId, by } = attempt;
  const target = targetOf(deps.unknownNameKey, attempt.username);
  const outcome = await deps.gate({ target, password, device, by });
  switch (outcome.kind) {
    case 'proven':
      return letIn(deps, attempt, outcome);
    case 'locked': {
      const { accountId, until, isKnownDevice } = outcome;
      await deps.audit.append({ type: 'signin.failed', accountId, clientId, reason: 'locked' }, by);
      return isKnownDevice ? { kind: 'locked', until } : { kind: 'rejected' };
    }
    case 'rejected': {
      // The presented name is not written: people type their password into that field.
      const { accountId, reason } = outcome;
      await deps.noteFailure({ type: 'signin.failed', accountId, clientId, reason }, outcome, by);
      return { kind: 'rejected' };
    }
    default:
      return outcome satisfies never;
  }
}

function targetOf(key: Buffer, username: string): AttemptTarget {
  const folded = foldLoginName(username);
  // Names that no account can have, and that the database would refuse as text.
  const isPossible = folded !== '' && folded.length <= longestLoginName && !folded.includes('\0');
  return {
    kind: 'login_name',
    name: isPossible ? folded : undefined,
    unknown: unknownCounter(key, folded),
  };
}

async function letIn(
  deps: AuthenticateDeps,
  { password, device, clientId, by }: PasswordAttempt,
  { candidate, device: known, attempt, upgrade }: Extract<GateOutcome, { kind: 'proven' }>,
): Promise<AuthenticateOutcome> {
  const { accountId, password: stored, mustReset, sessionsEndedAt } = candidate;
  if (candidate.temporaryUntil !== null) {
    await deps.inTransaction(() => deps.attempts.succeed({ ...attempt, accountId }, undefined));
    return { kind: 'must_change', accountId };
  }
  const fresh = upgrade && stored !== undefined ? await rehash(deps.hasher, password) : undefined;
  const token = deps.ids.secret();
  const seen = {
    id: known?.id ?? deps.ids.id(),
    tokenHash: hashDeviceToken(token),
    userAgent: by.userAgent,
  };
  await deps.inTransaction(async () => {
    if (fresh !== undefined && stored !== undefined) {
      const replaced = await deps.credentials.upgradePassword(accountId, stored, fresh);
      if (replaced) await deps.audit.append({ type: 'user.password.upgraded', accountId }, by);
    }
    await deps.attempts.succeed({ ...attempt, accountId }, mustReset ? undefined : seen);
    if (mustReset) {
      await deps.audit.append({ type: 'signin.failed', accountId, clientId, reason: 'must_reset' }, by);
      return;
    }
    await deps.audit.append({ type: 'signin.succeeded', accountId, clientId, amr: ['pwd'] }, by);
  });
  if (mustReset) return { kind: 'must_reset' };
  return {
    kind: 'authenticated',
    accountId,
    amr: ['pwd'],
    sessionsEndedAt,
    device: renewDeviceTokens(device, known, token),
  };
}

/** The new hash, or nothing when the machine is too busy: the sign-in is more important, the next one will upgrade. */
async function rehash(
  hasher: Pick<PasswordHasher, 'hash'>,
  password: string,
): Promise<StoredPassword | undefined> {
  try {
    return await hasher.hash(password);
  } catch (error) {
    if (error instanceof AppError && error.code === 'overloaded') return undefined;
    throw error;
  }
}
