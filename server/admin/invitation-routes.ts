import { z } from 'zod';
import { type Invitation, type InvitationStore, statusOf } from '../accounts/invitations/invitation.ts';
import type { Invite, RevokeInvitation } from '../accounts/invitations/invite.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { requireScope } from '../http/api/caller.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { type Answer, defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { Rank } from './rank.ts';

export interface InvitationRouteDeps {
  invitations: Pick<InvitationStore, 'find' | 'list'>;
  invite: Invite;
  revokeInvitation: RevokeInvitation;
  rank: Rank;
  clock: Clock;
  cursors: Cursors;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

const oneInvitation = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) });

export const invitationBody = z.strictObject({
  email: z.string().max(320),
  roles: z
    .array(z.string().min(1).max(100))
    .max(100)
    .default([])
    .meta({ description: 'What the account is to have; takes the scope roles:write.' }),
  client_id: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Where the invited person goes on to.' }),
});

const seconds = z.int().meta({ description: 'Seconds since 1970.' });

const invitationView = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    roles: z.array(z.string()),
    client_id: z.string().nullable(),
    status: z.enum(['open', 'accepted', 'revoked', 'expired']),
    sub: z.string().nullable().meta({ description: 'The user whom it has made.' }),
    created_at: seconds,
    expires_at: seconds,
  })
  .meta({ id: 'Invitation' });

/** An invitation as operators see it; its link is in the mail alone. */
export function showInvitation(invitation: Invitation, now: Date): z.output<typeof invitationView> {
  const { id, email, roles, clientId, accountId, createdAt, expiresAt } = invitation;
  return {
    id,
    email,
    roles,
    client_id: clientId,
    status: statusOf(invitation, now),
    sub: accountId,
    created_at: Math.floor(createdAt.getTime() / 1000),
    expires_at: Math.floor(expiresAt.getTime() / 1000),
  };
}

/** `invitations` of the admin API. Who may not give out roles may neither invite with them nor take that back. */
export function makeInvitationRoutes(deps: InvitationRouteDeps): Route[] {
  return [listInvitations(deps), createInvitation(deps), readInvitation(deps), revokeInvitation(deps)];
}

const listInvitations = ({ invitations, cursors, clock }: InvitationRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/invitations',
    operationId: 'listInvitations',
    scope: 'users:read',
    summary: 'All invitations, oldest first',
    params: noParameters,
    query: z.strictObject(pageQuery),
    body: noBody,
    success: { status: 200, description: 'A page of invitations', schema: pageOf(invitationView) },
    errors: ['invalid_cursor'],
    async handle({ query: { after, limit } }) {
      const page = (place: string | undefined) => invitations.list({ limit, after: place });
      const show = (invitation: Invitation) => showInvitation(invitation, clock.now());
      return { status: 200, body: await readPage(cursors, 'invitations', after, page, show) };
    },
  });

const createInvitation = ({ invite, clock, rank, root }: InvitationRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/invitations',
    operationId: 'createInvitation',
    scope: 'users:write',
    summary: 'Send somebody a link by which they make their account; it works once, for 24 hours',
    params: noParameters,
    query: noParameters,
    body: { schema: invitationBody, mediaTypes: ['application/json'] },
    success: { status: 201, description: 'The whole invitation', schema: invitationView },
    errors: ['login_name_taken', 'permission_not_held', 'forbidden'],
    async handle({ body, caller, by }): Promise<Answer> {
      const { email, roles, client_id: clientId } = body;
      if (roles.length > 0) requireScope(caller, 'roles:write');
      await rank.toGive(
        caller,
        roles.map((name) => ({ name, expiresAt: null })),
      );
      const outcome = await invite({ email, roles, clientId, by });
      switch (outcome.kind) {
        case 'invited': {
          const shown = showInvitation(outcome.invitation, clock.now());
          return { status: 201, body: shown, location: `${root}/invitations/${shown.id}` };
        }
        case 'refused':
          throw new AppError('invalid_input', { fields: outcome.fields });
        case 'login_name_taken':
          throw new AppError('login_name_taken');
        case 'closed':
          throw new AppError('forbidden', {
            message: 'Sign-up is closed on this server (setting SIGN_UP). Nobody was invited.',
          });
        default:
          return outcome satisfies never;
      }
    },
  });

const readInvitation = ({ invitations, clock }: InvitationRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/invitations/{id}',
    operationId: 'readInvitation',
    scope: 'users:read',
    summary: 'One invitation',
    params: oneInvitation,
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The invitation', schema: invitationView },
    errors: ['not_found'],
    handle: async ({ params }) => ({
      status: 200,
      body: showInvitation(await find(invitations, params.id), clock.now()),
    }),
  });

const revokeInvitation = (deps: InvitationRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/invitations/{id}',
    operationId: 'revokeInvitation',
    scope: 'users:write',
    summary: 'Take an invitation back; its link does nothing any more',
    params: oneInvitation,
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It is revoked' },
    errors: ['not_found', 'conflict'],
    async handle({ params, caller, by }) {
      const { roles } = await find(deps.invitations, params.id);
      if (roles.length > 0) requireScope(caller, 'roles:write');
      await deps.rank.overRoles(caller, roles);
      const { kind } = await deps.revokeInvitation({ id: params.id, by });
      if (kind === 'over') {
        throw new AppError('conflict', {
          message: 'It was accepted or revoked before. Nothing was changed.',
        });
      }
      return { status: 204 };
    },
  });

async function find(invitations: Pick<InvitationStore, 'find'>, id: string): Promise<Invitation> {
  const invitation = await invitations.find(id);
  if (invitation === undefined) throw new AppError('not_found');
  return invitation;
}
