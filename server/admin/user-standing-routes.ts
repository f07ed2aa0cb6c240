import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import type { PresentAttributes } from '../accounts/attributes/definition.ts';
import type { ChangePicture } from '../accounts/picture/change-picture.ts';
import type { ChangeStanding, StandingInput, StandingOutcome } from '../accounts/standing/change-standing.ts';
import type { Standing, StandingStore } from '../accounts/standing/standing.ts';
import type { AccountStore } from '../accounts/store.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import { pageOf, searchText } from '../http/api/list-query.ts';
import {
  type Answer,
  defineRoute,
  noBody,
  noParameters,
  type ParsedRequest,
  type Route,
} from '../http/api/route.ts';
import type { Rank } from './rank.ts';
import { showUser, userView } from './user-body.ts';
import { oneUser } from './user-routes.ts';
import { factorView, showPassword, showStanding, standingView } from './user-standing-body.ts';

export interface UserStandingRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  rank: Pick<Rank, 'overUser'>;
  standings: Pick<StandingStore, 'find' | 'findPassword'>;
  changeStanding: ChangeStanding;
  changePicture: Pick<ChangePicture, 'remove'>;
  presentAttributes: PresentAttributes;
  clock: Clock;
}

type OfUser<Body> = ParsedRequest<{ id: string }, object, Body>;

const common = { params: oneUser, missing: 'user_not_found', query: noParameters } as const;
const json = ['application/json'];
const changed = { status: 200, description: 'The whole user', schema: userView } as const;
const closeErrors = ['user_not_found', 'precondition_failed', 'last_administrator'] as const;

/** How users stand, in the admin API, and what operators do about it. */
export function makeUserStandingRoutes(deps: UserStandingRouteDeps): Route[] {
  return [
    readStanding(deps),
    disable(deps),
    enable(deps),
    scheduleDeletion(deps),
    listFactors(deps),
    removePassword(deps),
    removePicture(deps),
  ];
}

const readStanding = ({ standings }: UserStandingRouteDeps) =>
  defineRoute({
    ...common,
    method: 'GET',
    path: '/users/{id}/standing',
    operationId: 'readUserStanding',
    scope: 'users:read',
    summary: 'Why a user is disabled, when they signed in last, accepted terms, a deletion that is to come',
    body: noBody,
    success: { status: 200, description: 'How the user stands', schema: standingView },
    errors: ['user_not_found'],
    async handle({ params }) {
      const standing: Standing | undefined = await standings.find(params.id);
      if (standing === undefined) throw new AppError('user_not_found');
      return { status: 200, body: showStanding(standing) };
    },
  });

const disable = (deps: UserStandingRouteDeps) =>
  defineRoute({
    ...common,
    method: 'POST',
    path: '/users/{id}/disable',
    operationId: 'disableUser',
    scope: 'users:write',
    summary: 'Close an account: nobody signs in to it, and every session and token ends at once',
    body: {
      schema: z
        .strictObject({ reason: searchText.max(200).optional().meta({ description: 'For operators.' }) })
        .meta({ id: 'Disable' }),
      mediaTypes: json,
    },
    success: changed,
    errors: closeErrors,
    handle: (request) =>
      act(deps, request, (input) =>
        deps.changeStanding.disable({ ...input, reason: request.body.reason ?? null }),
      ),
  });

const enable = (deps: UserStandingRouteDeps) =>
  defineRoute({
    ...common,
    method: 'POST',
    path: '/users/{id}/enable',
    operationId: 'enableUser',
    scope: 'users:write',
    summary: 'Open an account again; a deletion that was to come does not',
    body: noBody,
    success: changed,
    errors: ['user_not_found', 'precondition_failed'],
    handle: (request) => act(deps, request, deps.changeStanding.enable),
  });

const scheduleDeletion = (deps: UserStandingRouteDeps) =>
  defineRoute({
    ...common,
    method: 'POST',
    path: '/users/{id}/schedule-deletion',
    operationId: 'scheduleUserDeletion',
    scope: 'users:write',
    summary: 'Close an account now and delete it for good later; POST /users/{id}/enable takes it back',
    body: {
      schema: z
        .strictObject({
          delete_in: z.int().min(60).max(7_776_000).meta({ description: 'Seconds; 90 days at most.' }),
        })
        .meta({ id: 'ScheduleDeletion' }),
      mediaTypes: json,
    },
    success: changed,
    errors: closeErrors,
    handle: (request) => {
      const dueAt = new Date(deps.clock.now().getTime() + request.body.delete_in * 1000);
      return act(deps, request, (input) => deps.changeStanding.scheduleDeletion({ ...input, dueAt }));
    },
  });

const listFactors = ({ standings, ...deps }: UserStandingRouteDeps) =>
  defineRoute({
    ...common,
    method: 'GET',
    path: '/users/{id}/factors',
    operationId: 'listUserFactors',
    scope: 'users:read',
    summary: 'By what a user proves who they are; nothing by which it could be found',
    body: noBody,
    success: { status: 200, description: 'The factors', schema: pageOf(factorView) },
    errors: ['user_not_found'],
    async handle({ params }) {
      await find(deps, params.id);
      const password = await standings.findPassword(params.id);
      const items = password === undefined ? [] : [showPassword(password)];
      return { status: 200, body: { items, next: null } };
    },
  });

const removePassword = ({ changeStanding, ...deps }: UserStandingRouteDeps) =>
  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/users/{id}/factors/password',
    operationId: 'removeUserPassword',
    scope: 'users:write',
    summary: 'Take the password of a user away; they sign in again with one that they choose by mail',
    body: noBody,
    success: { status: 204, description: 'It lets nobody in, and every session has ended' },
    errors: ['user_not_found', 'not_found', 'conflict'],
    async handle({ params, caller, by }) {
      await find(deps, params.id, caller);
      const { kind } = await changeStanding.removePassword({ accountId: params.id, by });
      if (kind === 'missing')
        throw new AppError('not_found', { message: 'This user has no password. Nothing was changed.' });
      if (kind === 'no_address')
        throw new AppError('conflict', {
          message:
            'The user has no e-mail address to which a link for another password could go. Nothing was changed.',
        });
      return { status: 204 };
    },
  });

const removePicture = ({ changePicture, ...deps }: UserStandingRouteDeps) =>
  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/users/{id}/picture',
    operationId: 'removeUserPicture',
    scope: 'users:write',
    summary: 'Remove the picture of a user',
    body: noBody,
    success: { status: 204, description: 'There is none' },
    errors: ['user_not_found', 'conflict'],
    async handle({ params, caller, by }) {
      await find(deps, params.id, caller);
      const { kind } = await changePicture.remove({ accountId: params.id, by });
      if (kind === 'missing')
        throw new AppError('conflict', { message: 'The user is disabled. Nothing was changed.' });
      return { status: 204 };
    },
  });

/** @throws AppError user_not_found; InsufficientScope where a change takes more than the caller has */
async function find(
  { accounts, rank }: Pick<UserStandingRouteDeps, 'accounts' | 'rank'>,
  id: string,
  changedBy?: Caller,
): Promise<Account> {
  const account = await accounts.find(id);
  if (account === undefined) throw new AppError('user_not_found');
  if (changedBy !== undefined) await rank.overUser(changedBy, account);
  return account;
}

/** Bound to the version whose rank was checked: nobody becomes an administrator in between. */
async function act<Body>(
  { presentAttributes, ...deps }: UserStandingRouteDeps,
  { params, caller, ifMatch, by }: OfUser<Body>,
  change: (input: StandingInput) => Promise<StandingOutcome>,
): Promise<Answer> {
  const { id, version } = await find(deps, params.id, caller);
  ifMatch.check(version);
  const outcome = await change({ accountId: id, expectedVersion: version, by });
  switch (outcome.kind) {
    case 'changed':
      return {
        status: 200,
        body: showUser(outcome.account, await presentAttributes()),
        version: outcome.account.version,
      };
    case 'missing':
      throw new AppError('user_not_found');
    case 'stale':
      throw new AppError('precondition_failed');
    case 'last_administrator':
      throw new AppError('last_administrator', {
        message: 'They are the last administrator. Nothing was changed; make somebody else one first.',
      });
    default:
      return outcome satisfies never;
  }
}
