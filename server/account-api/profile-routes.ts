import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import type { PresentAttributes } from '../accounts/attributes/definition.ts';
import type { ChangeProfile } from '../accounts/profile/change-profile.ts';
import { ownProfileClaims } from '../accounts/profile/claim-schemas.ts';
import type { AccountStore } from '../accounts/store.ts';
import { AppError } from '../errors.ts';
import { type Answer, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { DefinePersonRoute } from './person-route.ts';
import { profileView, showProfile } from './profile-view.ts';

export interface ProfileRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  presentAttributes: PresentAttributes;
  changeProfile: ChangeProfile;
}

/** Everything that is not named here is refused, also what other routes change (ATTACKS I01). */
const profilePatch = z
  .strictObject({
    ...ownProfileClaims,
    preferred_username: z
      .string()
      .max(254)
      .nullable()
      .optional()
      .meta({ description: 'The name to sign in with, where this service lets people change it.' }),
  })
  .meta({ id: 'ProfilePatch' });

/** `profile` of the account API. */
export function makeProfileRoutes(define: DefinePersonRoute, deps: ProfileRouteDeps): Route[] {
  return [readProfile(define, deps), patchProfile(define, deps)];
}

const readProfile = (define: DefinePersonRoute, deps: ProfileRouteDeps) =>
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
      const account = await deps.accounts.find(accountId);
      if (account === undefined) throw new AppError('unauthenticated');
      return answerWith(deps, account);
    },
  });

const patchProfile = (define: DefinePersonRoute, deps: ProfileRouteDeps) =>
  define({
    method: 'PATCH',
    path: '/profile',
    operationId: 'patchProfile',
    scope: 'account:write',
    summary: 'Change some of your profile (JSON merge patch, RFC 7396)',
    params: noParameters,
    query: noParameters,
    body: { schema: profilePatch, mediaTypes: ['application/merge-patch+json', 'application/json'] },
    success: { status: 200, description: 'The whole profile', schema: profileView },
    errors: ['precondition_failed'],
    async handle({ accountId, body, ifMatch, by }) {
      const { preferred_username: username, ...changes } = body;
      const expectedVersion = ifMatch.binding
        ? checkedVersion(await deps.accounts.find(accountId), ifMatch.check)
        : undefined;
      const outcome = await deps.changeProfile({ accountId, changes, username, expectedVersion, by });
      switch (outcome.kind) {
        case 'changed':
          return answerWith(deps, outcome.account);
        case 'refused':
          throw new AppError('invalid_input', { fields: outcome.fields });
        case 'stale':
          throw new AppError('precondition_failed');
        case 'missing':
          throw new AppError('unauthenticated');
        default:
          return outcome satisfies never;
      }
    },
  });

function checkedVersion(account: Account | undefined, check: (version: number) => void): number {
  if (account === undefined) throw new AppError('unauthenticated');
  check(account.version);
  return account.version;
}

const answerWith = async ({ presentAttributes }: ProfileRouteDeps, account: Account): Promise<Answer> => ({
  status: 200,
  body: showProfile(account, await presentAttributes()),
  version: account.version,
});
