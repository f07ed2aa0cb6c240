import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import type { AccountStore } from '../accounts/store.ts';
import type { AttemptStore } from '../authn/lockout/attempt-store.ts';
import type { UnlockAccount } from '../authn/unlock-account.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { Rank } from './rank.ts';

export interface UserLockRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  attempts: Pick<AttemptStore, 'find'>;
  unlockAccount: UnlockAccount;
  lockout: { hardAfter: number };
  rank: Rank;
  clock: Clock;
}

const oneUser = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/) });

const lockView = z
  .strictObject({
    failures: z
      .int()
      .meta({ description: 'Failed sign-ins in a row, by devices that never signed in to this account.' }),
    refused: z.int().meta({ description: 'Attempts that were not checked meanwhile.' }),
    locked_until: z
      .int()
      .nullable()
      .meta({ description: 'Seconds since 1970; null when such a device may try now.' }),
    closed: z.boolean().meta({
      description: 'The password is closed to such devices until it is reset or the user unlocked.',
    }),
  })
  .meta({ id: 'UserLock' });

/** What failed sign-ins have done to a user, and its end. */
export function makeUserLockRoutes(deps: UserLockRouteDeps): Route[] {
  return [readLock(deps), unlock(deps)];
}

const readLock = ({ accounts, attempts, lockout, clock }: UserLockRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/users/{id}/lock',
    operationId: 'readUserLock',
    scope: 'users:read',
    summary: 'What failed sign-ins are counted for a user',
    params: oneUser,
    missing: 'user_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The present counts', schema: lockView },
    errors: ['user_not_found'],
    async handle({ params }) {
      const account = await find(accounts, params.id);
      const state = await attempts.find(account.id);
      const failures = state?.failures ?? 0;
      const isLocked = state !== undefined && state.openAt > clock.now();
      return {
        status: 200,
        body: {
          failures,
          refused: state?.refused ?? 0,
          locked_until: isLocked ? Math.ceil(state.openAt.getTime() / 1000) : null,
          closed: failures >= lockout.hardAfter,
        },
      };
    },
  });

const unlock = ({ accounts, unlockAccount, rank }: UserLockRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/users/{id}/unlock',
    operationId: 'unlockUser',
    scope: 'users:write',
    summary: 'Let all devices of a user try again at once; the password stays as it is',
    params: oneUser,
    missing: 'user_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'Nothing is counted any more' },
    errors: ['user_not_found'],
    async handle({ params, caller, by }) {
      await rank.overUser(caller, await find(accounts, params.id));
      const { kind } = await unlockAccount({ accountId: params.id, by });
      if (kind === 'missing') throw new AppError('user_not_found');
      return { status: 204 };
    },
  });

async function find(accounts: Pick<AccountStore, 'find'>, id: string): Promise<Account> {
  const account = await accounts.find(id);
  if (account === undefined) throw new AppError('user_not_found');
  return account;
}
