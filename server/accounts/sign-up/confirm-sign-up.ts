import { timingSafeEqual } from 'node:crypto';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { CredentialStore } from '../../authn/credential-store.ts';
import type { Clock } from '../../clock.ts';
import type { InTransaction } from '../../transaction.ts';
import { type Account, foldLoginName } from '../account.ts';
import { type CreateAccountOutcome, insertAccount } from '../create-account.ts';
import { LinkDoesNothing, useLink } from '../look-at-link.ts';
import { hashLinkToken, type LinkState, type OneTimeLinkStore, stateOfLink } from '../one-time-link.ts';
import type { AccountStore } from '../store.ts';
import { noteAcceptance, type TermsStore } from '../terms.ts';
import type { SignUp, SignUpStore } from './sign-up.ts';

export interface ConfirmSignUpDeps {
  signUps: SignUpStore;
  accounts: AccountStore;
  credentials: CredentialStore;
  oneTimeLinks: OneTimeLinkStore;
  terms: TermsStore;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

/** What a link is good for; `taken` tells that its address has got an account in another way. */
export type SignUpLinkState = LinkState | 'taken' | 'unknown';

/** Where a sign-up leads back to. */
export interface SignUpOrigin {
  interaction: string;
  clientId: string;
}

export type SignUpLink =
  | { state: 'unknown' }
  | {
      state: LinkState | 'taken';
      email: string;
      startedAt: Date;
      origin: SignUpOrigin;
      /** This browser is the one that has signed up. */
      isHere: boolean;
    };

interface ConfirmedSignUp {
  kind: 'confirmed';
  accountId: string;
  email: string;
  /** Somebody else has got the wanted user name meanwhile. */
  usernameTaken: boolean;
  origin: SignUpOrigin;
  isHere: boolean;
}

export type ConfirmOutcome = ConfirmedSignUp | { kind: 'over'; link: SignUpLink };

/** What the link in the mail of a sign-up lets its reader do. Looking at it uses nothing up (ATTACKS F06). */
export function makeConfirmSignUp(deps: ConfirmSignUpDeps) {
  const look = async (token: string, browserSecret: string | undefined): Promise<SignUpLink> => {
    const link = await deps.oneTimeLinks.find(hashLinkToken(token));
    if (link?.purpose !== 'sign_up') return { state: 'unknown' };
    const signUp = await deps.signUps.find(link.subjectId);
    if (signUp === undefined) return { state: 'unknown' };
    const state = stateOfLink(link, deps.clock.now());
    return {
      state: state !== 'used' && signUp.endedAt !== null ? 'taken' : state,
      email: signUp.email,
      startedAt: signUp.createdAt,
      origin: originOf(signUp),
      isHere: isOfBrowser(signUp, browserSecret),
    };
  };

  return {
    look,

    /**
     * Makes the account and uses the link up, as one: of many who try at once, with one link or with the links of several
     * sign-ups for one address, one succeeds. The wanted user name is given if nobody else has it.
     */
    async confirm(token: string, browserSecret: string | undefined, by: Actor): Promise<ConfirmOutcome> {
      const outcome = await useLink(() =>
        deps.inTransaction(() => makeAccount(deps, token, browserSecret, by)),
      );
      if (outcome.kind === 'confirmed') {
        // crash point: sign_up_committed
        return outcome;
      }
      if (outcome.kind === 'taken') await endTaken(deps, token);
      return { kind: 'over', link: await look(token, browserSecret) };
    },
  };
}

export type ConfirmSignUp = ReturnType<typeof makeConfirmSignUp>;

async function makeAccount(
  deps: ConfirmSignUpDeps,
  token: string,
  browserSecret: string | undefined,
  by: Actor,
): Promise<ConfirmedSignUp> {
  const now = deps.clock.now();
  const link = await deps.oneTimeLinks.consume(hashLinkToken(token), 'sign_up', now);
  if (link === undefined) throw new LinkDoesNothing('used');
  const signUp = await deps.signUps.confirm(link.subjectId, now);
  if (signUp === undefined) throw new LinkDoesNothing('ended');
  // crash point: sign_up_link_used
  const wanted = accountOf(signUp, now);
  const written = await insert(deps, wanted, signUp, by);
  const usernameTaken = written.kind === 'login_name_taken' && wanted.username !== null;
  const done = usernameTaken ? await insert(deps, { ...wanted, username: null }, signUp, by) : written;
  if (done.kind === 'login_name_taken') throw new LinkDoesNothing('taken');
  if (done.kind !== 'created') throw new Error(`an account without roles was refused: ${done.kind}`);
  // crash point: sign_up_account_made
  if (signUp.termsVersion !== null) await noteAcceptance(deps, wanted.id, signUp.termsVersion, by);
  await deps.audit.append({ type: 'signup.confirmed', accountId: wanted.id }, by);
  // crash point: sign_up_told
  return {
    kind: 'confirmed',
    accountId: wanted.id,
    email: signUp.email,
    usernameTaken,
    origin: originOf(signUp),
    isHere: isOfBrowser(signUp, browserSecret),
  };
}

const insert = (
  deps: ConfirmSignUpDeps,
  account: Account,
  { password }: SignUp,
  by: Actor,
): Promise<CreateAccountOutcome> => insertAccount(deps, account, { password }, by);

function accountOf({ id, email, username, profile }: SignUp, now: Date): Account {
  return {
    id,
    email,
    emailVerified: true,
    username,
    profile,
    roles: [],
    status: 'active',
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

async function endTaken(deps: ConfirmSignUpDeps, token: string): Promise<void> {
  const link = await deps.oneTimeLinks.find(hashLinkToken(token));
  if (link !== undefined) await deps.signUps.endAll(foldLoginName(link.address), deps.clock.now());
}

const originOf = ({ interaction, clientId }: SignUp): SignUpOrigin => ({ interaction, clientId });

function isOfBrowser({ browserHash }: SignUp, secret: string | undefined): boolean {
  return secret !== undefined && timingSafeEqual(browserHash, hashLinkToken(secret));
}
