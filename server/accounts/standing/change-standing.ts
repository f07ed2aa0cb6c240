import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { InTransaction } from '../../transaction.ts';
import type { Account, AccountStatus } from '../account.ts';
import type { AccountArtifacts } from '../artifacts.ts';
import type { DeletionStore, LastOfRole } from '../deletion/deletion-store.ts';
import type { OneTimeLinkStore } from '../one-time-link.ts';
import { adminRole } from '../role-names.ts';
import type { AccountStore } from '../store.ts';
import type { StandingStore } from './standing.ts';

export interface ChangeStandingDeps {
  accounts: Pick<AccountStore, 'find' | 'update'> & LastOfRole;
  standings: Pick<StandingStore, 'explain' | 'removePassword'>;
  deletions: Pick<DeletionStore, 'schedule' | 'take'>;
  artifacts: Pick<AccountArtifacts, 'revokeAll'>;
  oneTimeLinks: Pick<OneTimeLinkStore, 'endAll'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

export interface StandingInput {
  accountId: string;
  /** The version in which the caller's right to do it was checked. */
  expectedVersion: number;
  by: Actor;
}

export type StandingOutcome =
  | { kind: 'changed'; account: Account }
  | { kind: 'missing' | 'stale' | 'last_administrator' };

/** What operators do to accounts as they stand: each ends sessions and tokens at once where it closes the account. */
export function makeChangeStanding(deps: ChangeStandingDeps) {
  return {
    /** Closes an account until somebody opens it. One that is closed already gets the new reason. */
    disable: (input: StandingInput & { reason: string | null }): Promise<StandingOutcome> =>
      deps.inTransaction(() => close(deps, input)),

    /** Opens an account; a deletion that was to come does not. */
    enable: (input: StandingInput): Promise<StandingOutcome> =>
      deps.inTransaction(async () => {
        const before = await findIn(deps, input);
        if ('kind' in before) return before;
        const { accountId, by } = input;
        if (await deps.deletions.take(accountId))
          await deps.audit.append({ type: 'user.deletion.cancelled', accountId }, by);
        if (before.status === 'active') return { kind: 'changed', account: before };
        const written = await setStatus(deps, before, 'active');
        if (written.kind !== 'changed') return written;
        const change = { before: { status: 'disabled' }, after: { status: 'active' } };
        await deps.audit.append({ type: 'user.updated', accountId, change }, by);
        return written;
      }),

    /** Closes an account and deletes it for good when the grace is over; until then it can be opened again. */
    scheduleDeletion: (input: StandingInput & { dueAt: Date }): Promise<StandingOutcome> =>
      deps.inTransaction(async () => {
        const { accountId, dueAt, by } = input;
        const closed = await close(deps, { ...input, reason: null });
        if (closed.kind !== 'changed') return closed;
        await deps.deletions.schedule(accountId, deps.clock.now(), dueAt);
        const event = { type: 'user.deletion.requested', accountId, dueAt: dueAt.toISOString() } as const;
        await deps.audit.append(event, by);
        return closed;
      }),

    /**
     * Takes the password away: whoever knows it gets in nowhere, and its owner chooses another one by the link that they ask
     * for. Sessions end, since somebody may have begun them with it.
     */
    removePassword: ({ accountId, by }: { accountId: string; by: Actor }) =>
      deps.inTransaction(async (): Promise<{ kind: 'removed' | 'missing' | 'no_address' }> => {
        const account = await deps.accounts.find(accountId);
        if (account === undefined) return { kind: 'missing' };
        if (account.email === null) return { kind: 'no_address' };
        if (!(await deps.standings.removePassword(accountId))) return { kind: 'missing' };
        await deps.artifacts.revokeAll(accountId);
        await deps.audit.append({ type: 'user.password.removed', accountId }, by);
        return { kind: 'removed' };
      }),
  };
}

export type ChangeStanding = ReturnType<typeof makeChangeStanding>;

async function close(
  deps: ChangeStandingDeps,
  input: StandingInput & { reason: string | null },
): Promise<StandingOutcome> {
  const before = await findIn(deps, input);
  if ('kind' in before) return before;
  const { accountId, reason, by } = input;
  const wasActive = before.status === 'active';
  const isAdmin = wasActive && before.roles.includes(adminRole);
  if (isAdmin && (await deps.accounts.isLastWithRole(accountId, adminRole)))
    return { kind: 'last_administrator' };
  const written = await setStatus(deps, before, 'disabled');
  if (written.kind !== 'changed') return written;
  const now = deps.clock.now();
  await deps.standings.explain(accountId, now, reason);
  await deps.oneTimeLinks.endAll(accountId, now);
  await deps.artifacts.revokeAll(accountId);
  const change = { before: { status: before.status }, after: { status: 'disabled', reason } };
  await deps.audit.append({ type: 'user.updated', accountId, change }, by);
  return written;
}

async function findIn(
  { accounts }: ChangeStandingDeps,
  { accountId, expectedVersion }: StandingInput,
): Promise<Account | { kind: 'missing' | 'stale' }> {
  const account = await accounts.find(accountId);
  if (account === undefined) return { kind: 'missing' };
  return account.version === expectedVersion ? account : { kind: 'stale' };
}

async function setStatus(
  { accounts, clock }: ChangeStandingDeps,
  before: Account,
  status: AccountStatus,
): Promise<StandingOutcome> {
  const after = { ...before, status, updatedAt: clock.now(), version: before.version + 1 };
  const written = await accounts.update(after, before.version);
  if (written.kind === 'written') return { kind: 'changed', account: after };
  return { kind: written.kind === 'missing' ? 'missing' : 'stale' };
}
