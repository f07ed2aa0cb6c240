import { z } from 'zod';
import type { PasswordFactor, Standing } from '../accounts/standing/standing.ts';

const seconds = z.int().meta({ description: 'Seconds since 1970.' });

/** How a user stands. */
export const standingView = z
  .strictObject({
    disabled_at: seconds.nullable(),
    disabled_reason: z
      .string()
      .nullable()
      .meta({ description: 'In the words of who has disabled the user.' }),
    last_sign_in_at: seconds.nullable().meta({ description: 'Seconds since 1970, to the minute.' }),
    deletion_due_at: seconds.nullable().meta({ description: 'When the user is deleted for good.' }),
    has_picture: z.boolean(),
    terms: z
      .array(z.strictObject({ version: z.string(), accepted_at: seconds }))
      .meta({ description: 'Versions of the terms that the user has accepted, the latest first.' }),
  })
  .meta({ id: 'UserStanding' });

/** Something by which a user proves who they are. */
export const factorView = z
  .strictObject({
    id: z.literal('password'),
    type: z.literal('password'),
    created_at: seconds.nullable().meta({ description: 'null: before anybody noted it.' }),
    changed_at: seconds,
    last_used_at: seconds.nullable().meta({ description: 'Seconds since 1970, to the minute.' }),
    temporary_until: seconds
      .nullable()
      .meta({ description: 'Until then it works, and only to choose another one; null: it is their own.' }),
    must_reset: z.boolean().meta({ description: 'It lets nobody in until it was reset by mail.' }),
  })
  .meta({ id: 'Factor' });

export function showStanding(standing: Standing): z.output<typeof standingView> {
  return {
    disabled_at: inSeconds(standing.disabledAt),
    disabled_reason: standing.disabledReason,
    last_sign_in_at: inSeconds(standing.lastSignInAt),
    deletion_due_at: inSeconds(standing.deletionDueAt),
    has_picture: standing.hasPicture,
    terms: standing.terms.map(({ version, acceptedAt }) => ({
      version,
      accepted_at: Math.floor(acceptedAt.getTime() / 1000),
    })),
  };
}

export function showPassword(password: PasswordFactor): z.output<typeof factorView> {
  return {
    id: 'password',
    type: 'password',
    created_at: inSeconds(password.createdAt),
    changed_at: Math.floor(password.changedAt.getTime() / 1000),
    last_used_at: inSeconds(password.lastUsedAt),
    temporary_until: inSeconds(password.temporaryUntil),
    must_reset: password.mustReset,
  };
}

const inSeconds = (time: Date | null): number | null =>
  time === null ? null : Math.floor(time.getTime() / 1000);
