import type { Actor, AuditLog } from '../../audit/event.ts';
import type { CredentialStore } from '../../authn/credential-store.ts';
import type { OwnPassword, PasswordHasher } from '../../authn/password-hasher.ts';
import type { FindPasswordFault } from '../../authn/password-policy.ts';
import { shortestChosenPassword } from '../../authn/password-rules.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { Ids } from '../../ids.ts';
import type { InTransaction } from '../../transaction.ts';
import { foldLoginName } from '../account.ts';
import { faultOf } from '../account-input.ts';
import { readAtSignUp } from '../attributes/asked-at-sign-up.ts';
import type { AttributeValues, PresentAttributes } from '../attributes/definition.ts';
import { insertAccount, newAccount } from '../create-account.ts';
import { LinkDoesNothing, useLink } from '../look-at-link.ts';
import { faultInChosenUsername } from '../names/chosen-username.ts';
import { hashLinkToken, type LinkState, type OneTimeLinkStore, stateOfLink } from '../one-time-link.ts';
import { faultInName } from '../sign-up/ask-for-account.ts';
import type { SignUpPolicy } from '../sign-up/policy.ts';
import type { SignUpStore } from '../sign-up/sign-up.ts';
import type { AccountStore } from '../store.ts';
import { faultInTerms, noteAcceptance, type PresentTerms, type TermsStore } from '../terms.ts';
import type { InvitationStore } from './invitation.ts';

export interface AcceptInvitationDeps {
  invitations: InvitationStore;
  presentAttributes: PresentAttributes;
  signUps: Pick<SignUpStore, 'endAll'>;
  accounts: AccountStore;
  credentials: CredentialStore;
  oneTimeLinks: OneTimeLinkStore;
  hasher: Pick<PasswordHasher, 'hash'>;
  findPasswordFault: FindPasswordFault;
  /** What this service is called: nobody chooses that for themselves. */
  serviceWords: readonly string[];
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  signUpPolicy: SignUpPolicy;
  terms: TermsStore;
  presentTerms: PresentTerms | undefined;
}

/** `taken`: the address has got an account in another way, which gets nothing by this. */
export type InvitationLinkState = LinkState | 'unknown' | 'taken' | 'closed';

export type InvitationLink =
  | { state: 'live'; email: string; clientId: string | null }
  | { state: Exclude<InvitationLinkState, 'live'> };

export interface AcceptInput {
  token: string;
  name: string;
  /** Empty: none. */
  username: string;
  password: string;
  /** What was typed for what is asked for here, by name. */
  attributes: Readonly<Record<string, string>>;
  /** Which terms were accepted; empty: none. */
  terms: string;
  by: Actor;
}

interface AcceptedInvitation {
  kind: 'accepted';
  accountId: string;
  email: string;
  clientId: string | null;
}

export type AcceptOutcome =
  | AcceptedInvitation
  | { kind: 'refused'; email: string; fields: FieldFault[] }
  | { kind: 'over'; state: Exclude<InvitationLinkState, 'live'> };

/** Undoes the use of the link, which can be used again with other fields. */
class FieldsRefused extends Error {
  readonly fields: FieldFault[];

  constructor(fields: FieldFault[]) {
    super('fields of an invitation were refused');
    this.fields = fields;
  }
}

/** What the link of an invitation lets its reader do: make the account that it was sent for, once. */
export function makeAcceptInvitation(deps: AcceptInvitationDeps) {
  /** Uses nothing up (ATTACKS F06). */
  const look = async (token: string): Promise<InvitationLink> => {
    const link = await deps.oneTimeLinks.find(hashLinkToken(token));
    if (link?.purpose !== 'invitation') return { state: 'unknown' };
    const state = stateOfLink(link, deps.clock.now());
    if (state !== 'live') return { state };
    if (deps.signUpPolicy.mode === 'closed') return { state: 'closed' };
    const invitation = await deps.invitations.find(link.subjectId);
    if (invitation === undefined) return { state: 'unknown' };
    const { email, clientId } = invitation;
    if ((await deps.accounts.findByLoginName(foldLoginName(email))) !== undefined) return { state: 'taken' };
    return { state: 'live', email, clientId };
  };

  return {
    look,

    /**
     * Makes the account with its roles and uses the link up, as one. Bad fields leave the link as it is. The address is
     * verified by it, and nobody is signed in.
     *
     * @throws AppError overloaded when too many passwords are being hashed.
     */
    async accept(input: AcceptInput): Promise<AcceptOutcome> {
      const link = await look(input.token);
      if (link.state !== 'live') return { kind: 'over', state: link.state };
      const asked = readAtSignUp(await deps.presentAttributes(), input.attributes);
      const fields = [...(await findFaults(deps, link.email, input)), ...asked.fields];
      if (fields.length > 0) return { kind: 'refused', email: link.email, fields };
      const password = await deps.hasher.hash(input.password);
      try {
        const outcome = await useLink(() =>
          deps.inTransaction(() => makeAccount(deps, input, { password, attributes: asked.values })),
        );
        if (outcome.kind === 'accepted') return outcome;
      } catch (error) {
        if (!(error instanceof FieldsRefused)) throw error;
        return { kind: 'refused', email: link.email, fields: error.fields };
      }
      const now = await look(input.token);
      return { kind: 'over', state: now.state === 'live' ? 'ended' : now.state };
    },
  };
}

export type AcceptInvitation = ReturnType<typeof makeAcceptInvitation>;

async function findFaults(
  { findPasswordFault, serviceWords, presentTerms }: AcceptInvitationDeps,
  email: string,
  { name, username, password, terms }: AcceptInput,
): Promise<FieldFault[]> {
  const surroundings = { shortest: shortestChosenPassword, about: [email, username, name] };
  return [
    ...faultOf('name', faultInName(name)),
    ...faultOf('username', username === '' ? undefined : faultInChosenUsername(username, serviceWords)),
    ...faultOf('password', await findPasswordFault(password, surroundings)),
    ...faultOf('terms', faultInTerms(presentTerms, terms)),
  ];
}

async function makeAccount(
  deps: AcceptInvitationDeps,
  { token, name, username, by }: AcceptInput,
  { password, attributes }: { password: OwnPassword; attributes: AttributeValues | undefined },
): Promise<AcceptedInvitation> {
  const now = deps.clock.now();
  const accountId = deps.ids.id();
  const link = await deps.oneTimeLinks.consume(hashLinkToken(token), 'invitation', now);
  if (link === undefined) throw new LinkDoesNothing('used');
  const invitation = await deps.invitations.accept(link.subjectId, accountId, now);
  if (invitation === undefined) throw new LinkDoesNothing('ended');
  const { email, roles, clientId } = invitation;
  const wanted = {
    ...newAccount(deps, {
      email,
      emailVerified: true,
      username: username === '' ? null : username,
      profile: { ...(name === '' ? {} : { name }), ...(attributes === undefined ? {} : { attributes }) },
      roles,
      status: 'active',
    }),
    id: accountId,
  };
  const written = await insertAccount(deps, wanted, { password }, by);
  if (written.kind === 'refused') throw new FieldsRefused(written.fields);
  if (written.kind === 'login_name_taken') {
    if (username === '') throw new LinkDoesNothing('taken');
    const message = 'Somebody has this user name. Choose another one, or none.';
    throw new FieldsRefused([{ field: 'username', message }]);
  }
  if (deps.presentTerms !== undefined) await noteAcceptance(deps, accountId, deps.presentTerms.version, by);
  await deps.signUps.endAll(foldLoginName(email), now);
  await deps.audit.append({ type: 'invitation.accepted', invitationId: invitation.id, accountId }, by);
  return { kind: 'accepted', accountId, email, clientId };
}
