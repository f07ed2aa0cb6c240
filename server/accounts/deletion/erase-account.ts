import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Account } from '../account.ts';
import type { AccountArtifacts } from '../artifacts.ts';
import type { NotificationAddresses } from '../notification-addresses.ts';
import type { AccountStore } from '../store.ts';
import type { PersonalTraces } from './deletion-store.ts';

export interface EraseAccountDeps {
  accounts: Pick<AccountStore, 'delete'>;
  artifacts: Pick<AccountArtifacts, 'revokeAll'>;
  traces: PersonalTraces;
  notificationAddresses: NotificationAddresses;
  audit: AuditLog;
}

/**
 * Removes a person: the account with everything that proves who they are, every session, token and consent, and what names them
 * anywhere else. What stays is the audit log, which says of the account by its id, a pseudonym that means nothing without the
 * account, what happened to it (docs/decisions/0019-deleted-people-in-the-audit-log.md). Clients are told of the sign-out. To
 * be called in a transaction.
 *
 * @returns the addresses at which the owner was told of things; undefined when it was not there, or not in this version
 */
export async function eraseAccount(
  deps: EraseAccountDeps,
  account: Account,
  { by, expectedVersion }: { by: Actor; expectedVersion?: number | undefined },
): Promise<readonly string[] | undefined> {
  const { id, email, status, roles } = account;
  const addresses = await deps.notificationAddresses(id);
  if (!(await deps.accounts.delete(id, expectedVersion))) return undefined;
  await deps.artifacts.revokeAll(id);
  await deps.traces.erase(id, [...addresses, ...(email === null ? [] : [email])]);
  const change = { before: { status, roles } };
  await deps.audit.append({ type: 'user.deleted', accountId: id, change }, by);
  return addresses;
}
