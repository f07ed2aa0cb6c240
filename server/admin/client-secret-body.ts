import { z } from 'zod';
import type { ClientSecret } from '../clients/client.ts';
import { isAlive } from '../clients/secret.ts';
import { AppError } from '../errors.ts';
import { searchText } from '../http/api/list-query.ts';
import { shownOnce } from '../http/api/shown-once.ts';

const seconds = z.int().min(0).max(253_402_300_799).meta({ description: 'Seconds since 1970.' });
/** Ten years: a secret that is to live longer is one without an end, and says so. */
const longestLifetime = 315_360_000;

const description = searchText.max(200).meta({ description: 'Whose it is, or what for.' });

/** A secret as it is asked for. */
export const newSecretBody = z
  .strictObject({
    description: description.optional(),
    expires_at: seconds.nullable().optional().meta({
      description: 'Seconds since 1970, in the future; null or left out: it has no end.',
    }),
    lifetime: z
      .int()
      .min(1)
      .max(longestLifetime)
      .optional()
      .meta({ description: 'Seconds from now, in place of expires_at.' }),
    expire_others_in: z.int().min(0).max(longestLifetime).optional().meta({
      description:
        'Seconds from now after which all other secrets are over: as long as it takes to bring the new one to wherever the client runs. 0: at once.',
    }),
  })
  .refine(({ expires_at, lifetime }) => expires_at === undefined || lifetime === undefined, {
    path: ['lifetime'],
    message: 'Give expires_at or lifetime, not both.',
  })
  .meta({ id: 'NewClientSecret' });

/** A secret as it is changed. */
export const changedSecretBody = z
  .strictObject({
    description: description.nullable().optional(),
    expires_at: seconds.nullable().optional().meta({ description: 'null: it has no end.' }),
  })
  .meta({ id: 'ClientSecretPatch' });

const secret = {
  id: z.string(),
  description: z.string().nullable(),
  created_at: seconds,
  expires_at: seconds.nullable().meta({ description: 'Seconds since 1970; null: it has no end.' }),
  last_used_at: seconds.nullable().meta({ description: 'Seconds since 1970, to the minute; null: never.' }),
  status: z.enum(['active', 'expired']),
};

/** What is known of a secret; never the secret or its hash. */
export const secretView = z.strictObject(secret).meta({ id: 'ClientSecret' });

export const madeSecretView = z
  .strictObject({ ...secret, client_secret: shownOnce('Shown once, now.') })
  .meta({ id: 'MadeClientSecret' });

export function showSecret(shown: ClientSecret, now: Date): z.output<typeof secretView> {
  return {
    id: shown.id,
    description: shown.description,
    created_at: inSeconds(shown.createdAt),
    expires_at: shown.expiresAt === null ? null : inSeconds(shown.expiresAt),
    last_used_at: shown.lastUsedAt === null ? null : inSeconds(shown.lastUsedAt),
    status: isAlive(shown, now) ? 'active' : 'expired',
  };
}

/**
 * When a secret is over, by a body that is otherwise valid.
 *
 * @throws AppError invalid_input for a moment that has passed
 */
export function expiryOf(
  body: { expires_at?: number | null | undefined; lifetime?: number | undefined },
  now: Date,
): Date | null {
  const { expires_at: at, lifetime } = body;
  if (lifetime !== undefined) return new Date(now.getTime() + lifetime * 1000);
  if (at === undefined || at === null) return null;
  const end = new Date(at * 1000);
  if (end > now) return end;
  const message = 'Give a moment in the future. To end it at once, delete it.';
  throw new AppError('invalid_input', { fields: [{ field: 'expires_at', message }] });
}

const inSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);
