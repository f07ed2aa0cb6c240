import type { Account } from '../../accounts/account.ts';
import type { AccountStore } from '../../accounts/store.ts';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Permissions } from '../../clients/roles/graph.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { InTransaction } from '../../transaction.ts';
import { holdsAllOf } from './rank.ts';
import { beginWithin, type SupportSession, type SupportSessionStore } from './support-session.ts';

export interface SupportRules {
  accounts: Pick<AccountStore, 'find'>;
  /** What people with these roles may do. */
  permissionsOf(roles: readonly string[]): Promise<Permissions>;
  /** The audience of the admin API, of which `users:impersonate` is a scope. */
  adminAudience: string;
}

export interface AskForSupportDeps extends SupportRules {
  supportSessions: Pick<SupportSessionStore, 'insert'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
}

export type SupportRefusal = 'missing' | 'disabled' | 'yourself' | 'not_allowed' | 'outranked';

export type AskForSupportOutcome = { kind: 'asked'; session: SupportSession } | { kind: SupportRefusal };

/**
 * An operator wants to act in the place of somebody. Nothing is open yet: within ten minutes they begin it in their own browser,
 * signed in as themselves.
 */
export const makeAskForSupport =
  (deps: AskForSupportDeps) =>
  async (input: {
    accountId: string;
    operatorId: string;
    reason: string;
    minutes: number;
    by: Actor;
  }): Promise<AskForSupportOutcome> => {
    const { accountId, operatorId, reason, minutes, by } = input;
    const refusal = await findSupportRefusal(deps, { accountId, operatorId });
    if (refusal !== undefined) return { kind: refusal };
    const askedAt = deps.clock.now();
    const session: SupportSession = {
      id: Buffer.from(deps.ids.id(), 'base64url').toString('hex'),
      operatorId,
      accountId,
      reason,
      minutes,
      askedAt,
      beginUntil: new Date(askedAt.getTime() + beginWithin * 60_000),
      begunAt: null,
      endsAt: null,
      enteredAt: null,
      endedAt: null,
    };
    await deps.inTransaction(async () => {
      await deps.supportSessions.insert(session);
      const change = { after: { reason, minutes } };
      await deps.audit.append({ type: 'support.asked', accountId, supportId: session.id, change }, by);
    });
    return { kind: 'asked', session };
  };

export type AskForSupport = ReturnType<typeof makeAskForSupport>;

/** Why this operator may not act for this person now, if so. */
export async function findSupportRefusal(
  { accounts, permissionsOf, adminAudience }: SupportRules,
  { accountId, operatorId }: { accountId: string; operatorId: string },
): Promise<SupportRefusal | undefined> {
  if (accountId === operatorId) return 'yourself';
  const [person, operator] = await Promise.all([accounts.find(accountId), accounts.find(operatorId)]);
  if (person === undefined) return 'missing';
  if (person.status !== 'active') return 'disabled';
  if (operator?.status !== 'active') return 'not_allowed';
  const [theirs, own] = await Promise.all([permissionsOf(rolesOf(person)), permissionsOf(rolesOf(operator))]);
  if (own.get(adminAudience)?.has('users:impersonate') !== true) return 'not_allowed';
  return holdsAllOf(own, theirs) ? undefined : 'outranked';
}

const rolesOf = ({ roles }: Account): readonly string[] => roles;
