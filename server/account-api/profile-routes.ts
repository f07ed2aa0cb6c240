import type { AccountStore } from '../accounts/store.ts';
import { AppError } from '../errors.ts';
import { noBody, noParameters, type Route } from '../http/api/route.ts';
import type { DefinePersonRoute } from './person-route.ts';
import { profileView, showProfile } from './profile-view.ts';

export interface ProfileRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
}

/** `profile` of the account API. */
export function makeProfileRoutes(define: DefinePersonRoute, { accounts }: ProfileRouteDeps): Route[] {
  return [
    define({
      method: 'GET',
      path: '/profile',
      operationId: 'readProfile',
      scope: 'account:read',
      summary: 'Your profile',
      params: noParameters,
      query: noParameters,
      body: noBody,
      success: { status: 200, description: 'The profile', schema: profileView },
      errors: [],
      async handle({ accountId }) {
        const account = await accounts.find(accountId);
        if (account === undefined) throw new AppError('unauthenticated');
        return { status: 200, body: showProfile(account), version: account.version };
      },
    }),
  ];
}
