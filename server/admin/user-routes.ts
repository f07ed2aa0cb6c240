import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import type { PresentAttributes } from '../accounts/attributes/definition.ts';
import type { CreateAccount } from '../accounts/create-account.ts';
import type { DeleteAccount } from '../accounts/delete-account.ts';
import type { AccountStore } from '../accounts/store.ts';
import type { UpdateAccount } from '../accounts/update-account.ts';
import { AppError, type FieldFault } from '../errors.ts';
import { requireScope } from '../http/api/caller.ts';
import type { Cursors } from '../http/api/cursor.ts';
import {
  createdQuery,
  orderOfFilters,
  pageOf,
  pageQuery,
  readPage,
  searchText,
  sortQuery,
} from '../http/api/list-query.ts';
import { type Answer, defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { anyObject } from './client-body.ts';
import type { Rank } from './rank.ts';
import {
  parseUserPatch,
  patchedUserBody,
  showUser,
  toAccountInput,
  userBody,
  userView,
} from './user-body.ts';

export interface UserRouteDeps {
  accounts: Pick<AccountStore, 'find' | 'list'>;
  presentAttributes: PresentAttributes;
  createAccount: CreateAccount;
  updateAccount: UpdateAccount;
  deleteAccount: DeleteAccount;
  rank: Rank;
  cursors: Cursors;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

/** The id in paths. */
export const oneUser = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/) });

/** `users` of the admin API: people, in the claim names of OIDC. */
export function makeUserRoutes(deps: UserRouteDeps): Route[] {
  return [listUsers(deps), createUser(deps), readUser(deps), patchUser(deps), deleteUser(deps)];
}

const listUsers = ({ accounts, presentAttributes, cursors }: UserRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/users',
    operationId: 'listUsers',
    scope: 'users:read',
    summary: 'All users, oldest first unless another order is asked for',
    params: noParameters,
    query: z.strictObject({
      ...pageQuery,
      sort: sortQuery(['created_at', 'email', 'username', 'sub']),
      search: searchText.optional().meta({ description: 'How e-mail address, user name or name begins.' }),
      email: searchText.optional().meta({ description: 'The whole e-mail address, in any casing.' }),
      username: searchText.optional().meta({ description: 'The whole user name, in any casing.' }),
      email_prefix: searchText.optional().meta({
        description: 'How the e-mail address begins, in any casing; sorted by it.',
      }),
      username_prefix: searchText.optional().meta({
        description: 'How the user name begins, in any casing; sorted by it.',
      }),
      role: searchText.optional().meta({ description: 'Who has this role themselves; sorted by sub.' }),
      status: z.enum(['active', 'disabled']).optional(),
      ...createdQuery,
    }),
    body: noBody,
    success: { status: 200, description: 'A page of users', schema: pageOf(userView) },
    errors: ['invalid_cursor'],
    async handle({ query }) {
      const { after, sort, email_prefix: emailPrefix, username_prefix: usernamePrefix, ...rest } = query;
      const { created_from: createdFrom, created_before: createdBefore, ...filters } = rest;
      const order = orderOfFilters(sort, {
        email_prefix: emailPrefix === undefined ? undefined : 'email',
        username_prefix: usernamePrefix === undefined ? undefined : 'username',
        role: filters.role === undefined ? undefined : 'sub',
      });
      const asked = { ...filters, order, emailPrefix, usernamePrefix, createdFrom, createdBefore };
      const page = (place: string | undefined) => accounts.list({ ...asked, after: place });
      const definitions = await presentAttributes();
      const show = (user: Account) => showUser(user, definitions);
      return { status: 200, body: await readPage(cursors, 'users', after, page, show, query) };
    },
  });

const createUser = (deps: UserRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/users',
    operationId: 'createUser',
    scope: 'users:write',
    summary: 'Add a user',
    params: noParameters,
    query: noParameters,
    body: { schema: userBody, mediaTypes: ['application/json'] },
    success: { status: 201, description: 'The whole user', schema: userView },
    errors: ['login_name_taken', 'permission_not_held'],
    async handle({ body, caller, by }): Promise<Answer> {
      if (body.roles.length > 0) requireScope(caller, 'roles:write');
      await deps.rank.toGive(caller, body.roles.map(forGood));
      const outcome = await deps.createAccount({ ...toAccountInput(body), by });
      if (outcome.kind !== 'created') throw refusal(outcome);
      const { account } = outcome;
      return {
        ...(await answerWith(deps, account)),
        status: 201,
        location: `${deps.root}/users/${account.id}`,
      };
    },
  });

const readUser = (deps: UserRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/users/{id}',
    operationId: 'readUser',
    scope: 'users:read',
    summary: 'One user',
    params: oneUser,
    missing: 'user_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The user', schema: userView },
    errors: ['user_not_found'],
    handle: async ({ params }) => answerWith(deps, await find(deps.accounts, params.id)),
  });

const patchUser = (deps: UserRouteDeps) =>
  defineRoute({
    method: 'PATCH',
    path: '/users/{id}',
    operationId: 'patchUser',
    scope: 'users:write',
    summary: 'Change some details of a user (JSON merge patch, RFC 7396)',
    params: oneUser,
    missing: 'user_not_found',
    query: noParameters,
    body: {
      schema: anyObject,
      documented: patchedUserBody,
      mediaTypes: ['application/merge-patch+json', 'application/json'],
    },
    success: { status: 200, description: 'The whole user', schema: userView },
    errors: [
      'user_not_found',
      'login_name_taken',
      'last_administrator',
      'permission_not_held',
      'precondition_failed',
    ],
    async handle({ params, body, ifMatch, caller, by }) {
      const account = await find(deps.accounts, params.id);
      await deps.rank.overUser(caller, account);
      if (Object.hasOwn(body, 'roles')) requireScope(caller, 'roles:write');
      ifMatch.check(account.version);
      const input = toAccountInput(parseUserPatch(account, body, await deps.presentAttributes()));
      const added = input.roles.filter((name) => !account.roles.includes(name));
      await deps.rank.toGive(caller, added.map(forGood));
      const outcome = await deps.updateAccount({
        ...input,
        id: account.id,
        expectedVersion: account.version,
        by,
      });
      if (outcome.kind !== 'updated') throw refusal(outcome);
      return answerWith(deps, outcome.account);
    },
  });

const deleteUser = (deps: UserRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/users/{id}',
    operationId: 'deleteUser',
    scope: 'users:write',
    summary: 'Delete a user, with everything that proves who they are and every session and token',
    params: oneUser,
    missing: 'user_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'The user is gone' },
    errors: ['user_not_found', 'last_administrator', 'precondition_failed'],
    async handle({ params, ifMatch, caller, by }) {
      const account = await find(deps.accounts, params.id);
      await deps.rank.overUser(caller, account);
      ifMatch.check(account.version);
      // Bound to the version whose rank was checked: nobody becomes an administrator in between.
      const outcome = await deps.deleteAccount({ id: account.id, expectedVersion: account.version, by });
      if (outcome.kind !== 'deleted') throw refusal({ kind: outcome.kind });
      return { status: 204 };
    },
  });

const forGood = (name: string) => ({ name, expiresAt: null });

const answerWith = async ({ presentAttributes }: UserRouteDeps, account: Account): Promise<Answer> => ({
  status: 200,
  body: showUser(account, await presentAttributes()),
  version: account.version,
});

async function find(accounts: Pick<AccountStore, 'find'>, id: string): Promise<Account> {
  const account = await accounts.find(id);
  if (account === undefined) throw new AppError('user_not_found');
  return account;
}

type Refusal =
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'login_name_taken' | 'last_administrator' | 'missing' | 'stale' };

function refusal(outcome: Refusal): AppError {
  switch (outcome.kind) {
    case 'refused':
      return new AppError('invalid_input', { fields: outcome.fields });
    case 'login_name_taken':
    case 'last_administrator':
      return new AppError(outcome.kind);
    case 'missing':
      return new AppError('user_not_found');
    case 'stale':
      return new AppError('precondition_failed');
    default:
      return outcome satisfies never;
  }
}
