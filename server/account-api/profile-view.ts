import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import { type AttributeDefinition, valuesOf } from '../accounts/attributes/definition.ts';
import { visibleValues } from '../accounts/attributes/values.ts';

/** A person's own profile: OIDC standard claims (OIDC Core 5.1) in their own names. */
export const profileView = z.looseObject({
  sub: z.string(),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  preferred_username: z.string().optional(),
  updated_at: z.int().meta({ description: 'Seconds since 1970.' }),
});

/** @param definitions what there is beside the standard claims */
export function showProfile(account: Account, definitions: readonly AttributeDefinition[]) {
  const { id, email, emailVerified, username, updatedAt } = account;
  const { attributes: _, ...profile } = account.profile;
  const attributes = visibleValues(definitions, valuesOf(account), 'person');
  return {
    sub: id,
    ...(email === null ? {} : { email, email_verified: emailVerified }),
    ...(username === null ? {} : { preferred_username: username }),
    ...profile,
    ...(attributes === undefined ? {} : { attributes }),
    updated_at: Math.floor(updatedAt.getTime() / 1000),
  };
}
