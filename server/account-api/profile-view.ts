import { z } from 'zod';
import type { Account } from '../accounts/account.ts';

/** A person's own profile: OIDC standard claims (OIDC Core 5.1) in their own names. */
export const profileView = z.looseObject({
  sub: z.string(),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  preferred_username: z.string().optional(),
  updated_at: z.int().meta({ description: 'Seconds since 1970.' }),
});

export function showProfile({ id, email, emailVerified, username, profile, updatedAt }: Account) {
  return {
    sub: id,
    ...(email === null ? {} : { email, email_verified: emailVerified }),
    ...(username === null ? {} : { preferred_username: username }),
    ...profile,
    updated_at: Math.floor(updatedAt.getTime() / 1000),
  };
}
