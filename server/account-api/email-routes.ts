import { z } from 'zod';
import type { AskForEmailChange } from '../accounts/email-change/ask-for-email-change.ts';
import type { NotificationAddressStore } from '../accounts/notification-addresses.ts';
import type { AskForNotificationEmail } from '../accounts/notification-email/ask-for-notification-email.ts';
import type { ChangeNotificationEmail } from '../accounts/notification-email/change-notification-email.ts';
import { AppError } from '../errors.ts';
import { type Answer, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface EmailRouteDeps {
  askForEmailChange: AskForEmailChange;
  askForNotificationEmail: AskForNotificationEmail;
  changeNotificationEmail: Pick<ChangeNotificationEmail, 'remove'>;
  addresses: Pick<NotificationAddressStore, 'find'>;
}

const wanted = z.strictObject({ email: z.string().max(320) }).meta({ id: 'WantedAddress' });
const asked = z
  .strictObject({
    email: z.string(),
    expires_at: z.int().meta({ description: 'Until when the link works; seconds since 1970.' }),
  })
  .meta({ id: 'AskedAddress' });
const second = z
  .strictObject({ email: z.string().nullable().meta({ description: 'Verified, or null for none.' }) })
  .meta({ id: 'NotificationAddress' });

const jsonBody = { schema: wanted, mediaTypes: ['application/json'] };
const accepted = {
  status: 202,
  description: 'A link is on its way, whether or not the address is free. Nothing has changed yet.',
  schema: asked,
} as const;

/** `email` and `notification-email` of the account API: addresses count once their link was confirmed. */
export function makeEmailRoutes(define: DefinePersonRoute, deps: EmailRouteDeps): Route[] {
  return [
    define({
      method: 'POST',
      path: '/email',
      operationId: 'changeEmail',
      scope: 'account:security',
      sensitive: true,
      summary: 'Ask for another address of the account',
      params: noParameters,
      query: noParameters,
      body: jsonBody,
      success: accepted,
      errors: ['too_many_requests'],
      handle: async ({ accountId, body: { email }, by }) =>
        answerTo(email, await deps.askForEmailChange({ accountId, email, by })),
    }),
    define({
      method: 'GET',
      path: '/notification-email',
      operationId: 'readNotificationEmail',
      scope: 'account:read',
      summary: 'The second address at which you are told of what happens to your account',
      params: noParameters,
      query: noParameters,
      body: noBody,
      success: { status: 200, description: 'The address', schema: second },
      errors: [],
      handle: async ({ accountId }) => ({
        status: 200,
        body: { email: (await deps.addresses.find(accountId)) ?? null },
      }),
    }),
    define({
      method: 'POST',
      path: '/notification-email',
      operationId: 'addNotificationEmail',
      scope: 'account:security',
      sensitive: true,
      summary: 'Ask to be told at a second address too; it takes the place of the one before',
      params: noParameters,
      query: noParameters,
      body: jsonBody,
      success: accepted,
      errors: ['too_many_requests'],
      handle: async ({ accountId, body: { email }, by }) =>
        answerTo(email, await deps.askForNotificationEmail({ accountId, email, by })),
    }),
    define({
      method: 'DELETE',
      path: '/notification-email',
      operationId: 'removeNotificationEmail',
      scope: 'account:security',
      sensitive: true,
      summary: 'Remove the second address',
      params: noParameters,
      query: noParameters,
      body: noBody,
      success: { status: 204, description: 'There is none any more' },
      errors: ['not_found'],
      async handle({ accountId, by }) {
        const { kind } = await deps.changeNotificationEmail.remove({ accountId, by });
        if (kind === 'missing') throw new AppError('not_found');
        return { status: 204 };
      },
    }),
  ];
}

type Outcome = Awaited<ReturnType<AskForEmailChange>>;

function answerTo(email: string, outcome: Outcome): Answer {
  switch (outcome.kind) {
    case 'asked':
      return {
        status: 202,
        body: { email, expires_at: Math.floor(outcome.expiresAt.getTime() / 1000) },
      };
    case 'refused':
      throw new AppError('invalid_input', { fields: [{ field: 'email', message: outcome.fault }] });
    case 'limited':
      throw new AppError('too_many_requests', { retryAfter: 120 });
    case 'missing':
      throw new AppError('unauthenticated');
    default:
      return outcome satisfies never;
  }
}
