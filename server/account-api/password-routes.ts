import { z } from 'zod';
import type { ChangePassword } from '../authn/change-password.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { noParameters, type Route } from '../http/api/route.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface PasswordRouteDeps {
  changePassword: ChangePassword;
  clock: Clock;
}

const changeBody = z
  .strictObject({
    password: z.string().min(1).max(4096).meta({ writeOnly: true, description: 'The present one.' }),
    new_password: z.string().min(1).max(4096).meta({ writeOnly: true }),
  })
  .meta({ id: 'PasswordChange' });

/** `password` of the account API. */
export function makePasswordRoutes(
  define: DefinePersonRoute,
  { changePassword, clock }: PasswordRouteDeps,
): Route[] {
  return [
    define({
      method: 'POST',
      path: '/password',
      operationId: 'changePassword',
      scope: 'account:security',
      summary: 'Change your password; every other session and every refresh token ends',
      sensitive: true,
      params: noParameters,
      query: noParameters,
      body: { schema: changeBody, mediaTypes: ['application/json'] },
      success: { status: 204, description: 'The password is changed' },
      errors: ['too_many_requests', 'too_many_sign_ins', 'conflict', 'overloaded'],
      async handle({ accountId, body, caller: { claims }, by }) {
        const outcome = await changePassword({
          accountId,
          password: body.password,
          newPassword: body.new_password,
          device: [],
          kept: { grantId: claims.grant_ref },
          by,
        });
        switch (outcome.kind) {
          case 'changed':
            return { status: 204 };
          case 'refused':
            throw new AppError('invalid_input', { fields: outcome.fields });
          case 'stale':
            throw new AppError('conflict', {
              message:
                'The account was changed elsewhere meanwhile. Nothing was changed here; sign in again.',
            });
          case 'locked':
            throw new AppError('too_many_requests', {
              message: 'Too many wrong passwords. Nothing was checked; wait, or reset the password by mail.',
              ...(outcome.until === null
                ? {}
                : {
                    retryAfter: Math.max(
                      1,
                      Math.ceil((outcome.until.getTime() - clock.now().getTime()) / 1000),
                    ),
                  }),
            });
          default:
            return outcome satisfies never;
        }
      },
    }),
  ];
}
