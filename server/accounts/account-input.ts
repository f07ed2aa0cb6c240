import type { FieldFault } from '../errors.ts';
import type { Account, AccountStatus, Profile } from './account.ts';
import { faultInEmailAddress, faultInUsername } from './login-name-rules.ts';

/** The whole new state of an account, as an operator gives it. */
export interface AccountInput {
  email: string | null;
  /** Left out: false for a new or changed address, otherwise as it was. */
  emailVerified?: boolean | undefined;
  username: string | null;
  profile: Profile;
  roles: readonly string[];
  status: AccountStatus;
}

/** Faults of the parts that do not depend on what is stored, in the field names of the API. */
export function findAccountFaults({ email, username }: AccountInput): FieldFault[] {
  if (email === null && username === null) {
    return [{ field: 'email', message: 'Give an e-mail address, a preferred_username, or both.' }];
  }
  return [
    ...faultOf('email', email === null ? undefined : faultInEmailAddress(email)),
    ...faultOf('preferred_username', username === null ? undefined : faultInUsername(username)),
  ];
}

export function faultOf(field: string, message: string | undefined): FieldFault[] {
  return message === undefined ? [] : [{ field, message }];
}

/** Fields of an account that its audit event shows; roles have an event of their own when they change. */
export function auditedFields({ email, emailVerified, username, profile, status, roles }: Account) {
  return { email, email_verified: emailVerified, preferred_username: username, ...profile, status, roles };
}
