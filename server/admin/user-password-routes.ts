import type { AccountStore } from '../accounts/store.ts';
import type { StartReset } from '../authn/reset/send-reset-link.ts';
import { AppError } from '../errors.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { Rank } from './rank.ts';
import { oneUser } from './user-routes.ts';

export interface UserPasswordRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  startReset: StartReset;
  rank: Rank;
}

/** What an operator can do about somebody's password: let them choose one, and nothing else (LIMITS row 16). */
export function makeUserPasswordRoutes({ accounts, startReset, rank }: UserPasswordRouteDeps): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/users/{id}/reset-password',
      operationId: 'resetUserPassword',
      scope: 'users:write',
      summary: 'Send a user a link by which they choose a password; the present one works until it is used',
      params: oneUser,
      missing: 'user_not_found',
      query: noParameters,
      body: noBody,
      success: { status: 204, description: 'The link is on its way; it works once, for 24 hours' },
      errors: ['user_not_found', 'conflict'],
      async handle({ params, caller, by }) {
        const account = await accounts.find(params.id);
        if (account === undefined) throw new AppError('user_not_found');
        await rank.overUser(caller, account);
        const { kind } = await startReset({ accountId: account.id, by });
        switch (kind) {
          case 'sent':
            return { status: 204 };
          case 'missing':
            throw new AppError('user_not_found');
          case 'disabled':
            throw new AppError('conflict', {
              message: 'The user is disabled. Nothing was sent; set the status to active first.',
            });
          case 'no_address':
            throw new AppError('conflict', {
              message: 'The user has no e-mail address. Nothing was sent; give them one first.',
            });
          default:
            return kind satisfies never;
        }
      },
    }),
  ];
}
