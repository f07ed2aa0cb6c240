import { z } from 'zod';
import { accountId, change, clientId, notice, text } from './fields.ts';

const role = text('support', 'The role that it is about.');
const permission = { resource: 'https://api.example', scope: 'orders:read' };
const restricted = z
  .array(z.object({ resource: text(permission.resource), scope: text(permission.scope) }))
  .meta({
    description: 'Scopes that everybody could get until now, and from now on only who has a role with it.',
  });
const held = (expiresAt: string | null) => ({ roles: [{ name: 'support', expires_at: expiresAt }] });

/** Roles, and who has them. */
export const roleEvents = {
  'role.created': notice('A role was made.', {
    role,
    restricted,
    change: change({}, { description: 'Answers customers.', permissions: [permission], roles: [] }),
  }),
  'role.updated': notice('What a role allows or contains was changed.', {
    role,
    restricted,
    change: change({ permissions: [] }, { permissions: [permission] }),
  }),
  'role.deleted': notice('A role is gone, also from those who had it.', {
    role,
    takenFrom: z.object({ users: z.int(), clients: z.int(), roles: z.array(z.string()) }).meta({
      examples: [{ users: 3, clients: 1, roles: ['team-lead'] }],
      description: 'How many had it, and which roles contained it.',
    }),
    change: change({ description: 'Answers customers.', permissions: [permission], roles: [] }, {}),
  }),
  'user.roles.changed': notice('A person has other roles, or has them until another day.', {
    accountId,
    change: change({ roles: [] }, held('2026-12-24T00:00:00.000Z')),
  }),
  'client.roles.changed': notice('A client has other roles, or has them until another day.', {
    clientId,
    change: change({ roles: [] }, held(null)),
  }),
};
