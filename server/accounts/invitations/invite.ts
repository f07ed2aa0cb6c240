import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { Ids } from '../../ids.ts';
import type { MailQueue } from '../../outbox/mail-queue.ts';
import type { InTransaction } from '../../transaction.ts';
import { foldLoginName } from '../account.ts';
import { faultOf } from '../account-input.ts';
import { findUnknownRoles } from '../create-account.ts';
import { issueLink } from '../issue-link.ts';
import { faultInEmailAddress } from '../login-name-rules.ts';
import type { OneTimeLinkStore } from '../one-time-link.ts';
import type { RoleNames } from '../role-names.ts';
import type { SignUpPolicy } from '../sign-up/policy.ts';
import type { AccountStore } from '../store.ts';
import { type Invitation, type InvitationStore, invitationHours } from './invitation.ts';

export interface InviteDeps {
  invitations: InvitationStore;
  accounts: Pick<AccountStore, 'findByLoginName'>;
  roles: RoleNames;
  oneTimeLinks: OneTimeLinkStore;
  mails: MailQueue;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
  signUpPolicy: SignUpPolicy;
  /** The configured issuer: links in mail never begin with what a request says (ATTACKS F01). */
  issuer: string;
}

export interface InviteInput {
  email: string;
  roles: readonly string[];
  clientId?: string | undefined;
  by: Actor;
}

/** `closed`: the server lets nobody have an account in that way. */
export type InviteOutcome =
  | { kind: 'invited'; invitation: Invitation }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'login_name_taken' | 'closed' };

/** Sends somebody a link by which they make their account, with these roles. An address that has one gets nothing. */
export const makeInvite =
  (deps: InviteDeps) =>
  async ({ email, roles, clientId, by }: InviteInput): Promise<InviteOutcome> => {
    if (deps.signUpPolicy.mode === 'closed') return { kind: 'closed' };
    const fields = [
      ...faultOf('email', faultInEmailAddress(email)),
      ...(await findUnknownRoles(deps.roles, roles)),
    ];
    if (fields.length > 0) return { kind: 'refused', fields };
    const now = deps.clock.now();
    const invitation: Invitation = {
      id: deps.ids.id(),
      email,
      roles: [...new Set(roles)].sort(),
      clientId: clientId ?? null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + invitationHours * 3_600_000),
      acceptedAt: null,
      revokedAt: null,
      accountId: null,
    };
    return deps.inTransaction(() => send(deps, invitation, by));
  };

export type Invite = ReturnType<typeof makeInvite>;

async function send(deps: InviteDeps, invitation: Invitation, by: Actor): Promise<InviteOutcome> {
  const { invitations, accounts, mails, audit } = deps;
  const { id, email, roles, clientId, createdAt, expiresAt } = invitation;
  if ((await accounts.findByLoginName(foldLoginName(email))) !== undefined)
    return { kind: 'login_name_taken' };
  const { kind } = await invitations.insert(invitation);
  if (kind === 'client_not_found')
    return { kind: 'refused', fields: [{ field: 'client_id', message: 'There is no such client.' }] };
  const link = await issueLink(deps, {
    purpose: 'invitation',
    subjectId: id,
    address: email,
    createdAt,
    expiresAt,
  });
  await mails.enqueue({
    to: email,
    message: { kind: 'invitation', params: { address: email, link } },
    expiresAt,
  });
  await audit.append(
    { type: 'invitation.created', invitationId: id, clientId: clientId ?? undefined, roles: [...roles] },
    by,
  );
  return { kind: 'invited', invitation };
}

export interface RevokeInvitationDeps {
  invitations: InvitationStore;
  oneTimeLinks: Pick<OneTimeLinkStore, 'endAll'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

/** Takes an invitation back: its link does nothing from then on. `over`: it was accepted or revoked before. */
export const makeRevokeInvitation =
  ({ invitations, oneTimeLinks, audit, inTransaction, clock }: RevokeInvitationDeps) =>
  ({ id, by }: { id: string; by: Actor }): Promise<{ kind: 'revoked' | 'over' }> =>
    inTransaction(async () => {
      const now = clock.now();
      if (!(await invitations.revoke(id, now))) return { kind: 'over' };
      await oneTimeLinks.endAll(id, now, ['invitation']);
      await audit.append({ type: 'invitation.revoked', invitationId: id }, by);
      return { kind: 'revoked' };
    });

export type RevokeInvitation = ReturnType<typeof makeRevokeInvitation>;
