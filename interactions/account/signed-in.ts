import type { default as Provider, Session } from 'oidc-provider';
import type { Account } from '../../server/accounts/account.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import { isRecentSignIn, recentSignIn } from '../../server/authn/recent-sign-in.ts';
import type { Clock } from '../../server/clock.ts';
import { AppError } from '../../server/errors.ts';
import type { RoutedContext } from '../../server/http/context.ts';
import { actorOf } from '../../server/http/page-context.ts';
import { sessionIdOf } from '../../server/session-id.ts';
import { readSupportMark } from '../../server/support-mark.ts';
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
  /** Notes that a session is in use, and puts off its end. */
  sessionUse: {
    note(use: {
      uid: string;
      accountId: string;
      until: Date;
      origin: { ip?: string | undefined; userAgent?: string | undefined };
    }): Promise<void>;
  };
  /** Seconds that sessions last: without use, and at most. */
  sessionLifetimes: { sessionIdle: number; sessionAbsolute: number };
}

export type AccountStep = (ctx: RoutedContext, person: SignedIn) => Promise<void> | void;

/** Lets people in whose session is open, and sends everybody else to sign in first and come back to the same page. */
export function makeSignedInOnly(deps: SignedInDeps) {
  const findPerson = async (ctx: RoutedContext): Promise<SignedIn | undefined> => {
    const session = await deps.engine().Session.get(ctx);
    if (session.accountId === undefined) return undefined;
    const account = await deps.accounts.find(session.accountId);
    if (account?.status !== 'active') return undefined;
    ctx.state.sessionId = sessionIdOf(session.uid);
    ctx.state.support = readSupportMark(session.amr);
    await noteUse(deps, ctx, session, account.id);
    return { account, session, formPurpose: `account ${session.uid}` };
  };
  const isRecent = ({ session: { loginTs } }: SignedIn): boolean => isRecentSignIn(loginTs, deps.clock.now());

  return {
    /** For pages that show and forms that change little. */
    signedIn:
      (step: AccountStep) =>
      async (ctx: RoutedContext): Promise<void> => {
        const person = await findPerson(ctx);
        if (person === undefined) return deps.signInAgain.begin(ctx, {});
        if (ctx.method !== 'GET') refuseActing(ctx);
        return step(ctx, person);
      },

    /** For sensitive ones (ATTACKS C11): the sign-in must be recent. What a form said is not kept meanwhile. */
    recentlySignedIn:
      (step: AccountStep) =>
      async (ctx: RoutedContext): Promise<void> => {
        const person = await findPerson(ctx);
        if (person === undefined) return deps.signInAgain.begin(ctx, {});
        refuseActing(ctx);
        return isRecent(person) ? step(ctx, person) : deps.signInAgain.begin(ctx, { maxAge: recentSignIn });
      },
  };
}

/** Somebody who acts for the person may look, and change nothing. @throws AppError acting_for_somebody */
function refuseActing({ state }: RoutedContext): void {
  if (state.support !== undefined) throw new AppError('acting_for_somebody');
}

/** Longest time in seconds by which the end of a session is late, so that not every page is a write. */
const lateness = 60;

/** Pages of our own count as use, as the engine's do; its limits are those of server/oidc/lifetimes.ts. */
async function noteUse(deps: SignedInDeps, ctx: RoutedContext, session: Session, accountId: string) {
  const { sessionIdle, sessionAbsolute } = deps.sessionLifetimes;
  const now = Math.floor(deps.clock.now().getTime() / 1000);
  const ends = ctx.state.support?.until ?? Number.POSITIVE_INFINITY;
  const until = Math.min(now + sessionIdle, (session.loginTs ?? now) + sessionAbsolute, ends);
  const gained = until - (session.exp ?? 0);
  if (gained < Math.min(lateness, Math.ceil(sessionIdle / 10))) return;
  const { ip, userAgent } = actorOf(ctx);
  const origin = { ip, userAgent };
  await deps.sessionUse.note({ uid: session.uid, accountId, until: new Date(until * 1000), origin });
}

export type SignedInOnly = ReturnType<typeof makeSignedInOnly>;
