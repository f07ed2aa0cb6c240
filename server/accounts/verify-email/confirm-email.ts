import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { InTransaction } from '../../transaction.ts';
import { type Account, foldLoginName } from '../account.ts';
import { LinkDoesNothing, useLink } from '../look-at-link.ts';
import {
  hashLinkToken,
  type LinkState,
  type OneTimeLink,
  type OneTimeLinkStore,
  stateOfLink,
} from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';
import type { VerificationOrigin } from './send-verification.ts';

export interface ConfirmEmailDeps {
  accounts: AccountStore;
  oneTimeLinks: OneTimeLinkStore;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

/** `changed`: the account has another address than the one that the link was sent to, or none, or is gone. */
export type VerificationState = LinkState | 'changed';

export type VerificationLink =
  | { state: 'unknown' }
  | { state: VerificationState; email: string; sentAt: Date; origin: VerificationOrigin | undefined };

interface ConfirmedEmail {
  kind: 'confirmed';
  accountId: string;
  email: string;
  origin: VerificationOrigin | undefined;
}

export type ConfirmEmailOutcome = ConfirmedEmail | { kind: 'over'; link: VerificationLink };

/** What the link lets its reader do: say that the address of the account is theirs, once. It signs nobody in. */
export function makeConfirmEmail(deps: ConfirmEmailDeps) {
  /** Uses nothing up (ATTACKS F06). */
  const look = async (token: string): Promise<VerificationLink> => {
    const link = await deps.oneTimeLinks.find(hashLinkToken(token));
    if (link?.purpose !== 'verify_email') return { state: 'unknown' };
    const account = await deps.accounts.find(link.subjectId);
    const state = stateOfLink(link, deps.clock.now());
    return {
      state: state !== 'used' && !isFor(link, account) ? 'changed' : state,
      email: link.address,
      sentAt: link.createdAt,
      origin: originOf(link),
    };
  };

  return {
    look,

    async confirm(token: string, by: Actor): Promise<ConfirmEmailOutcome> {
      const outcome = await useLink(() => deps.inTransaction(() => verify(deps, token, by)));
      return outcome.kind === 'confirmed' ? outcome : { kind: 'over', link: await look(token) };
    },
  };
}

export type ConfirmEmail = ReturnType<typeof makeConfirmEmail>;

/** Times that another change of the account may come in between. */
const mostTries = 5;

async function verify(deps: ConfirmEmailDeps, token: string, by: Actor): Promise<ConfirmedEmail> {
  const now = deps.clock.now();
  const link = await deps.oneTimeLinks.consume(hashLinkToken(token), 'verify_email', now);
  if (link === undefined) throw new LinkDoesNothing('used');
  for (let tried = 0; tried < mostTries; tried += 1) {
    const account = await deps.accounts.find(link.subjectId);
    if (account === undefined || !isFor(link, account)) throw new LinkDoesNothing('ended');
    const verified = { ...account, emailVerified: true, updatedAt: now, version: account.version + 1 };
    const { kind } = await deps.accounts.update(verified, account.version);
    if (kind === 'stale') continue;
    if (kind !== 'written') throw new Error(`an account could not be marked: ${kind}`);
    await deps.audit.append({ type: 'user.email.verified', accountId: account.id }, by);
    return { kind: 'confirmed', accountId: account.id, email: link.address, origin: originOf(link) };
  }
  throw new Error('an account changes all the time');
}

function isFor({ address }: OneTimeLink, account: Account | undefined): boolean {
  if (account === undefined || account.email === null) return false;
  return foldLoginName(account.email) === foldLoginName(address);
}

function originOf({ data }: OneTimeLink): VerificationOrigin | undefined {
  const { interaction, clientId } = data;
  return typeof interaction === 'string' && typeof clientId === 'string'
    ? { interaction, clientId }
    : undefined;
}
