import type { Actor } from '../../audit/event.ts';
import type { PasswordHasher } from '../../authn/password-hasher.ts';
import type { FindPasswordFault } from '../../authn/password-policy.ts';
import { shortestChosenPassword } from '../../authn/password-rules.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { Ids } from '../../ids.ts';
import type { TaskQueue } from '../../outbox/task-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { faultOf } from '../account-input.ts';
import { readAtSignUp } from '../attributes/asked-at-sign-up.ts';
import type { PresentAttributes } from '../attributes/definition.ts';
import { faultInEmailAddress } from '../login-name-rules.ts';
import { faultInChosenUsername } from '../names/chosen-username.ts';
import { hashLinkToken } from '../one-time-link.ts';
import { faultInTerms, type PresentTerms } from '../terms.ts';
import {
  admitsAddress,
  admitsStrangers,
  type ClientSignUpPolicy,
  policyFor,
  type SignUpPolicy,
} from './policy.ts';
import { type SignUp, type SignUpStore, signUpHours } from './sign-up.ts';

export interface AskForAccountDeps {
  signUps: SignUpStore;
  presentAttributes: PresentAttributes;
  hasher: Pick<PasswordHasher, 'hash'>;
  findPasswordFault: FindPasswordFault;
  /** What this service is called: nobody chooses that for themselves. */
  serviceWords: readonly string[];
  tasks: TaskQueue;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  signUpPolicy: SignUpPolicy;
  presentTerms: PresentTerms | undefined;
}

export interface AskForAccount {
  email: string;
  password: string;
  name: string;
  /** Empty: none. */
  username: string;
  /** What was typed for what is asked for here, by name. */
  attributes: Readonly<Record<string, string>>;
  /** Which terms were accepted; empty: none. */
  terms: string;
  locale?: string | undefined;
  /** What the browser holds (256 bit): the sign-up goes on where it is. */
  browserSecret: string;
  interaction: string;
  clientId: string;
  client: ClientSignUpPolicy;
  by: Actor;
}

export type AskForAccountOutcome = { kind: 'waiting' | 'closed' } | { kind: 'refused'; fields: FieldFault[] };

const longestName = 200;
/** Controls and what turns the direction of the text around it. */
const notInNames = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/**
 * Takes note that somebody wants an account. Whether the address has one, and whether mail may go to it, is not looked at
 * here: that is done later, so neither the answer nor its time can tell (ATTACKS D01). It costs one hash in each case.
 */
export function makeAskForAccount(deps: AskForAccountDeps) {
  return {
    /** Whether people may sign up without an invitation, coming from this client. */
    isOpen: (client: ClientSignUpPolicy): boolean => admitsStrangers(policyFor(deps.signUpPolicy, client)),

    /** @throws AppError overloaded when too many passwords are being hashed. */
    async ask(input: AskForAccount): Promise<AskForAccountOutcome> {
      const policy = policyFor(deps.signUpPolicy, input.client);
      if (!admitsStrangers(policy)) return { kind: 'closed' };
      const asked = readAtSignUp(await deps.presentAttributes(), input.attributes);
      const fields = [...(await findFaults(deps, policy, input)), ...asked.fields];
      if (fields.length > 0) return { kind: 'refused', fields };
      const password = await deps.hasher.hash(input.password);
      const now = deps.clock.now();
      const signUp = {
        id: deps.ids.id(),
        email: input.email,
        username: input.username === '' ? null : input.username,
        profile: {
          ...(input.name === '' ? {} : { name: input.name }),
          ...(input.locale === undefined ? {} : { locale: input.locale }),
          ...(asked.values === undefined ? {} : { attributes: asked.values }),
        },
        password,
        browserHash: hashLinkToken(input.browserSecret),
        interaction: input.interaction,
        clientId: input.clientId,
        termsVersion: deps.presentTerms?.version ?? null,
        createdAt: now,
        expiresAt: new Date(now.getTime() + signUpHours * 3_600_000),
      };
      await deps.inTransaction(async () => {
        const signUpId = await deps.signUps.save(signUp);
        await deps.tasks.enqueueTask({
          kind: 'sign_up_request',
          payload: { signUpId, by: input.by },
          expiresAt: signUp.expiresAt,
        });
      });
      return { kind: 'waiting' };
    },

    /** The sign-up that this browser has begun in this interaction. */
    find: (browserSecret: string, interaction: string): Promise<SignUp | undefined> =>
      deps.signUps.findOfBrowser(hashLinkToken(browserSecret), interaction),

    /** Asks for the mail once more; how often that helps is decided where it is sent. */
    async resend(browserSecret: string, interaction: string, by: Actor): Promise<void> {
      const signUp = await deps.signUps.findOfBrowser(hashLinkToken(browserSecret), interaction);
      if (signUp === undefined) return;
      const { id: signUpId, expiresAt } = signUp;
      await deps.tasks.enqueueTask({ kind: 'sign_up_request', payload: { signUpId, by }, expiresAt });
    },
  };
}

export type AskForAccountUse = ReturnType<typeof makeAskForAccount>;

async function findFaults(
  { findPasswordFault, serviceWords, presentTerms }: AskForAccountDeps,
  policy: SignUpPolicy,
  { email, password, name, username, terms }: AskForAccount,
): Promise<FieldFault[]> {
  const inAddress = faultInEmailAddress(email);
  const inUsername = username === '' ? undefined : faultInChosenUsername(username, serviceWords);
  const surroundings = { shortest: shortestChosenPassword, about: [email, username, name] };
  return [
    ...faultOf('email', inAddress ?? faultInDomain(policy, email)),
    ...faultOf('name', faultInName(name)),
    ...faultOf('username', inUsername),
    ...faultOf('password', await findPasswordFault(password, surroundings)),
    ...faultOf('terms', faultInTerms(presentTerms, terms)),
  ];
}

function faultInDomain(policy: SignUpPolicy, email: string): string | undefined {
  if (admitsAddress(policy, email)) return undefined;
  return `Use an address that ends in ${policy.domains.map((domain) => `@${domain}`).join(' or ')}.`;
}

/** What is wrong with a person's name, in words for them. */
export function faultInName(name: string): string | undefined {
  if (Array.from(name).length > longestName) return `Use at most ${longestName} characters.`;
  return notInNames.test(name) ? 'Use visible characters only, in one line.' : undefined;
}
