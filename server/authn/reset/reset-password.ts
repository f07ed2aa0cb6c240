import { type Account, foldLoginName, knownOf } from '../../accounts/account.ts';
import { type LinkFault, lookAtLink } from '../../accounts/look-at-link.ts';
import type { OneTimeLink, OneTimeLinkStore } from '../../accounts/one-time-link.ts';
import type { AccountStore } from '../../accounts/store.ts';
import type { Actor } from '../../audit/event.ts';
import type { InTransaction } from '../../transaction.ts';
import type { PasswordHasher } from '../password-hasher.ts';
import type { FindPasswordFault } from '../password-policy.ts';
import { shortestChosenPassword } from '../password-rules.ts';
import { type ReplacePasswordDeps, replacePassword } from '../replace-password.ts';
import type { WayBack } from './reset-request.ts';

export interface ResetPasswordDeps extends ReplacePasswordDeps {
  accounts: Pick<AccountStore, 'find'>;
  oneTimeLinks: OneTimeLinkStore;
  hasher: PasswordHasher;
  findPasswordFault: FindPasswordFault;
  inTransaction: InTransaction;
}

/** `isInitial`: it takes the place of a password that an operator has set. */
export type LinkLook = { kind: 'live'; isInitial: boolean } | { kind: 'over'; why: LinkFault };

export type ResetPasswordOutcome =
  | { kind: 'reset'; accountId: string; wayBack: WayBack | undefined }
  | { kind: 'over'; why: LinkFault }
  | { kind: 'refused'; fault: string };

/** Undoes the use of a link whose account is no more what it was made for. */
class LinkOver extends Error {}

/** What the link in a mail lets its reader do: set a password, once. Looking at it uses nothing up (ATTACKS F06). */
export function makeResetPassword(deps: ResetPasswordDeps) {
  const findLink = (token: string) => lookAtLink(deps, token, 'reset_password');

  return {
    /** Whether the link works, and if not, why. */
    async look(token: string): Promise<LinkLook> {
      const found = await findLink(token);
      return typeof found === 'string'
        ? { kind: 'over', why: found }
        : { kind: 'live', isInitial: found.data.isInitial === true };
    },

    /**
     * Sets the password and uses the link up, as one; of many who try at once one succeeds (ATTACKS F02). A refused password
     * leaves the link as it is. Nobody is signed in by it (ATTACKS F08).
     *
     * @throws AppError overloaded when too many passwords are being hashed.
     */
    async reset(input: { token: string; password: string; by: Actor }): Promise<ResetPasswordOutcome> {
      const link = await findLink(input.token);
      if (typeof link === 'string') return { kind: 'over', why: link };
      const account = await deps.accounts.find(link.subjectId);
      if (account === undefined || !isFor(link, account)) return { kind: 'over', why: 'ended' };
      const surroundings = { shortest: shortestChosenPassword, about: knownOf(account) };
      const fault = await deps.findPasswordFault(input.password, surroundings);
      if (fault !== undefined) return { kind: 'refused', fault };
      const password = await deps.hasher.hash(input.password);
      // crash point: password_hashed
      try {
        await deps.inTransaction(async () => {
          const used = await deps.oneTimeLinks.consume(link.tokenHash, 'reset_password', deps.clock.now());
          const present = used && (await deps.accounts.find(used.subjectId));
          if (present === undefined || !isFor(link, present)) throw new LinkOver();
          // crash point: link_used
          await replacePassword(deps, { account: present, password, how: 'reset', by: input.by });
        });
      } catch (error) {
        if (error instanceof LinkOver) return { kind: 'over', why: await whyOver(findLink, input.token) };
        throw error;
      }
      // crash point: password_committed
      return { kind: 'reset', accountId: account.id, wayBack: wayBackOf(link) };
    },
  };
}

export type ResetPassword = ReturnType<typeof makeResetPassword>;

/** The address is the one that the link was sent to, and somebody may sign in to the account. */
function isFor({ address }: OneTimeLink, { status, email }: Account): boolean {
  return status === 'active' && foldLoginName(email ?? '') === foldLoginName(address);
}

async function whyOver(
  findLink: (token: string) => Promise<OneTimeLink | LinkFault>,
  token: string,
): Promise<LinkFault> {
  const found = await findLink(token);
  return typeof found === 'string' ? found : 'ended';
}

function wayBackOf({ data }: OneTimeLink): WayBack | undefined {
  const { interaction, clientId } = data;
  return typeof interaction === 'string' && typeof clientId === 'string'
    ? { interaction, clientId }
    : undefined;
}
