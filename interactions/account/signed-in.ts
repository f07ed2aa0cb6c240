import type { default as Provider, Session } from 'oidc-provider';
import type { Account } from '../../server/accounts/account.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { Clock } from '../../server/clock.ts';
import type { RoutedContext } from '../../server/http/context.ts';
import type { SignInAgain } from './sign-in-again.ts';

/** Somebody whose session in this browser is open. */
export interface SignedIn {
  account: Account;
  session: Session;
  /** What form tokens of this session are made for; see http/csrf.ts. */
  formPurpose: string;
}

export interface SignedInDeps {
  engine: () => Provider;
  accounts: Pick<AccountStore, 'find'>;
  clock: Clock;
  signInAgain: SignInAgain;
}

/** Seconds for which a sign-in counts as recent (LIMITS row 28). */
export const recentSignIn = 300;

export type AccountStep = (ctx: RoutedContext, person: SignedIn) => Promise<void> | void;

/** Lets people in whose session is open, and sends everybody else to sign in first and come back to the same page. */
export function makeSignedInOnly(deps: SignedInDeps) {
  const findPerson = async (ctx: RoutedContext): Promise<SignedIn | undefined> => {
    const session = await deps.engine().Session.get(ctx);
    if (session.accountId === undefined) return undefined;
    const account = await deps.accounts.find(session.accountId);
    if (account?.status !== 'active') return undefined;
    return { account, session, formPurpose: `account ${session.uid}` };
  };
  const isRecent = ({ session: { loginTs } }: SignedIn): boolean =>
    loginTs !== undefined && deps.clock.now().getTime() / 1000 - loginTs <= recentSignIn;

  return {
    /** For pages that show and forms that change little. */
    signedIn:
      (step: AccountStep) =>
      async (ctx: RoutedContext): Promise<void> => {
        const person = await findPerson(ctx);
        return person === undefined ? deps.signInAgain.begin(ctx, {}) : step(ctx, person);
      },

    /** For sensitive ones (ATTACKS C11): the sign-in must be recent. What a form said is not kept meanwhile. */
    recentlySignedIn:
      (step: AccountStep) =>
      async (ctx: RoutedContext): Promise<void> => {
        const person = await findPerson(ctx);
        if (person === undefined) return deps.signInAgain.begin(ctx, {});
        return isRecent(person) ? step(ctx, person) : deps.signInAgain.begin(ctx, { maxAge: recentSignIn });
      },
  };
}

export type SignedInOnly = ReturnType<typeof makeSignedInOnly>;
