import { z } from 'zod';
import type { AskForDeletion } from '../accounts/deletion/ask-for-deletion.ts';
import { AppError } from '../errors.ts';
import { noParameters, type Route } from '../http/api/route.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface DeletionRouteDeps {
  askForDeletion: AskForDeletion;
}

const confirmed = z
  .strictObject({
    confirmation: z.string().max(320).meta({ description: 'Your own e-mail address or user name.' }),
  })
  .meta({ id: 'ConfirmedDeletion' });

const done = z
  .strictObject({
    deleted: z.boolean(),
    due_at: z.int().nullable().meta({
      description: 'When it will be deleted, in seconds since 1970; null when it is deleted already.',
    }),
  })
  .meta({ id: 'Deletion' });

/** The account itself, in the account API. */
export function makeDeletionRoutes(
  define: DefinePersonRoute,
  { askForDeletion }: DeletionRouteDeps,
): Route[] {
  return [
    define({
      method: 'DELETE',
      path: '/',
      operationId: 'deleteAccount',
      scope: 'account:security',
      sensitive: true,
      summary:
        'Delete your account with everything in it, at once or after the grace that this service gives',
      params: noParameters,
      query: noParameters,
      body: { schema: confirmed, mediaTypes: ['application/json'] },
      success: { status: 200, description: 'It is deleted, or closed until it is', schema: done },
      errors: ['last_administrator', 'conflict'],
      async handle({ accountId, body: { confirmation }, by }) {
        const outcome = await askForDeletion({ accountId, confirmation, by });
        switch (outcome.kind) {
          case 'deleted':
            return { status: 200, body: { deleted: true, due_at: null } };
          case 'scheduled':
            return {
              status: 200,
              body: { deleted: false, due_at: Math.floor(outcome.dueAt.getTime() / 1000) },
            };
          case 'unconfirmed':
            throw new AppError('invalid_input', {
              fields: [{ field: 'confirmation', message: 'Give your e-mail address or user name.' }],
            });
          case 'last_administrator':
            throw new AppError('last_administrator');
          case 'stale':
            throw new AppError('conflict', {
              message: 'The account was changed at this moment. Nothing was deleted; try again.',
            });
          case 'missing':
            throw new AppError('unauthenticated');
          default:
            return outcome satisfies never;
        }
      },
    }),
  ];
}
