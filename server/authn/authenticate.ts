import { foldLoginName } from '../accounts/account.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import type { InTransaction } from '../transaction.ts';
import type { CredentialStore, LoginCandidate } from './credential-store.ts';
import { makeHashingQueue } from './hashing-queue.ts';
import type { PasswordHasher, PasswordVerdict, StoredPassword } from './password-hasher.ts';

export interface AuthenticateDeps {
  credentials: CredentialStore;
  hasher: PasswordHasher;
  audit: AuditLog;
  inTransaction: InTransaction;
  /** Attempts under way at once, the capacity of the hashing queue; more are refused before anything is looked up. */
  maxAttempts: number;
}

export interface PasswordAttempt {
  username: string;
  password: string;
  clientId?: string | undefined;
  by: Actor;
}

/**
 * `sessionsEndedAt` is when all sessions of the account had been ended last as the password was looked up: if they are ended
 * again, with or without a new password, this proof does not count any more.
 */
export type AuthenticateOutcome =
  | { kind: 'authenticated'; accountId: string; amr: string[]; sessionsEndedAt: string | null }
  | { kind: 'rejected' };

type FailureReason =
  | 'unknown_account'
  | 'disabled'
  | 'no_password'
  | 'wrong_password'
  | 'credential_unusable';

/** The longest login name is an e-mail address (RFC 5321 4.5.3.1.3: a path of 256 octets with its brackets). */
const longestLoginName = 254;

/**
 * Proves a person by login name and password. Whatever is wrong (unknown, disabled, no password, wrong, empty, too
 * long), the answer is the same `rejected` and its price is one hash; why is written in the audit log only.
 *
 * @throws AppError overloaded when too many attempts are under way.
 */
export function makeAuthenticate(deps: AuthenticateDeps) {
  const admission = makeHashingQueue({ concurrency: deps.maxAttempts, maxWaiting: 0 });
  return (attempt: PasswordAttempt): Promise<AuthenticateOutcome> =>
    admission.run(() => authenticate(deps, attempt));
}

export type Authenticate = ReturnType<typeof makeAuthenticate>;

async function authenticate(deps: AuthenticateDeps, attempt: PasswordAttempt): Promise<AuthenticateOutcome> {
  const { password, clientId, by } = attempt;
  const candidate = await findCandidate(deps.credentials, attempt.username);
  const verdict = await deps.hasher.verify(password, candidate?.password);
  const failure = reasonToReject(candidate, verdict);
  if (candidate === undefined || failure !== undefined || verdict.kind === 'mismatch') {
    // The presented name is not written: people type their password into that field.
    const reason = failure ?? 'wrong_password';
    await deps.audit.append({ type: 'signin.failed', accountId: candidate?.accountId, clientId, reason }, by);
    return { kind: 'rejected' };
  }
  const { accountId } = candidate;
  const fresh =
    verdict.upgrade && candidate.password !== undefined ? await rehash(deps.hasher, password) : undefined;
  await deps.inTransaction(async () => {
    if (fresh !== undefined && candidate.password !== undefined) {
      const replaced = await deps.credentials.upgradePassword(accountId, candidate.password, fresh);
      if (replaced) await deps.audit.append({ type: 'user.password.upgraded', accountId }, by);
    }
    await deps.audit.append({ type: 'signin.succeeded', accountId, clientId, amr: ['pwd'] }, by);
  });
  return { kind: 'authenticated', accountId, amr: ['pwd'], sessionsEndedAt: candidate.sessionsEndedAt };
}

async function findCandidate(
  credentials: CredentialStore,
  username: string,
): Promise<LoginCandidate | undefined> {
  const folded = foldLoginName(username);
  // Names that no account can have, and that the database would refuse as text.
  if (folded === '' || folded.length > longestLoginName || folded.includes('\0')) return undefined;
  return credentials.findCandidate(folded);
}

function reasonToReject(
  candidate: LoginCandidate | undefined,
  verdict: PasswordVerdict,
): FailureReason | undefined {
  if (candidate === undefined) return 'unknown_account';
  if (candidate.status === 'disabled') return 'disabled';
  if (candidate.password === undefined) return 'no_password';
  if (verdict.kind === 'match') return undefined;
  return verdict.why === 'unusable' ? 'credential_unusable' : 'wrong_password';
}

/** The new hash, or nothing when the machine is too busy: the sign-in is more important, the next one will upgrade. */
async function rehash(hasher: PasswordHasher, password: string): Promise<StoredPassword | undefined> {
  try {
    return await hasher.hash(password);
  } catch (error) {
    if (error instanceof AppError && error.code === 'overloaded') return undefined;
    throw error;
  }
}
