import type { AccountStore } from '../accounts/store.ts';
import type { SendVerification } from '../accounts/verify-email/send-verification.ts';
import { AppError } from '../errors.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { Rank } from './rank.ts';
import { oneUser } from './user-routes.ts';

export interface UserVerificationRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  sendVerification: SendVerification;
  rank: Rank;
}

/** What an operator can do about an address that is not confirmed: send its owner the link once more. */
export function makeUserVerificationRoutes(deps: UserVerificationRouteDeps): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/users/{id}/resend-verification',
      operationId: 'resendUserVerification',
      scope: 'users:write',
      summary: 'Send a user a link by which they confirm their e-mail address; it ends the one before',
      params: oneUser,
      missing: 'user_not_found',
      query: noParameters,
      body: noBody,
      success: { status: 204, description: 'The link is on its way; it works once, for 24 hours' },
      errors: ['user_not_found', 'conflict', 'too_many_requests'],
      async handle({ params, caller, by }) {
        const account = await deps.accounts.find(params.id);
        if (account === undefined) throw new AppError('user_not_found');
        await deps.rank.overUser(caller, account);
        const { kind } = await deps.sendVerification({ accountId: account.id, by });
        if (kind === 'sent') return { status: 204 };
        throw refusals[kind]();
      },
    }),
  ];
}

const refusals = {
  missing: () => new AppError('user_not_found'),
  limited: () =>
    new AppError('too_many_requests', {
      message: 'This address gets one such mail in two minutes, and five in an hour. Nothing was sent.',
      retryAfter: 120,
    }),
  verified: () =>
    new AppError('conflict', { message: 'The e-mail address is confirmed already. Nothing was sent.' }),
  no_address: () =>
    new AppError('conflict', {
      message: 'The user has no e-mail address. Nothing was sent; give them one first.',
    }),
  disabled: () =>
    new AppError('conflict', {
      message: 'The user is disabled. Nothing was sent; set the status to active first.',
    }),
};
