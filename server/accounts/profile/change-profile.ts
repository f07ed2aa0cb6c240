import { isDeepStrictEqual } from 'node:util';
import { changedFields } from '../../audit/change.ts';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { InTransaction } from '../../transaction.ts';
import type { Account, Profile } from '../account.ts';
import { auditedFields, faultOf } from '../account-input.ts';
import {
  type AttributeDefinition,
  type AttributeValue,
  type AttributeValues,
  type PresentAttributes,
  valuesOf,
} from '../attributes/definition.ts';
import { findAttributeFaults, keepHidden, visibleValues } from '../attributes/values.ts';
import { faultInUsername } from '../login-name-rules.ts';
import type { AccountStore } from '../store.ts';
import type { OwnProfileChanges } from './claim-schemas.ts';

export interface ChangeProfileDeps {
  accounts: Pick<AccountStore, 'find' | 'update'>;
  presentAttributes: PresentAttributes;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  /** Whether people may change the name that they sign in with. */
  usernameChange: boolean;
}

export interface ChangeProfileInput {
  accountId: string;
  changes: OwnProfileChanges;
  /** Another user name, or none (null). */
  username?: string | null | undefined;
  /** The version that was changed; any, when left out: the changes are then made to whatever is there. */
  expectedVersion?: number | undefined;
  by: Actor;
}

export type ChangeProfileOutcome =
  | { kind: 'changed'; account: Account }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'stale'; account: Account }
  | { kind: 'missing' };

/** Writers that come in between without an expected version; each of them was written, so it ends. */
const mostTries = 5;

/** A person changes what is known of them. */
export const makeChangeProfile =
  (deps: ChangeProfileDeps) =>
  async (input: ChangeProfileInput): Promise<ChangeProfileOutcome> => {
    const definitions = await deps.presentAttributes();
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await deps.inTransaction(() => changeOnce(deps, input, definitions));
      const goesOn = outcome.kind === 'stale' && input.expectedVersion === undefined && attempt < mostTries;
      if (!goesOn) return outcome;
    }
  };

export type ChangeProfile = ReturnType<typeof makeChangeProfile>;

async function changeOnce(
  { accounts, audit, clock, usernameChange }: ChangeProfileDeps,
  { accountId, changes, username, expectedVersion, by }: ChangeProfileInput,
  definitions: readonly AttributeDefinition[],
): Promise<ChangeProfileOutcome> {
  const before = await accounts.find(accountId);
  if (before?.status !== 'active') return { kind: 'missing' };
  if (expectedVersion !== undefined && before.version !== expectedVersion)
    return { kind: 'stale', account: before };
  const values = nextValues(definitions, valuesOf(before), changes.attributes);
  const fields = [
    ...faultOf('preferred_username', faultInNewUsername(before, username, usernameChange)),
    ...values.fields,
  ];
  if (fields.length > 0) return { kind: 'refused', fields };
  const after: Account = {
    ...before,
    profile: withoutGaps({ ...nextProfile(before.profile, changes), attributes: values.attributes }),
    username: username === undefined ? before.username : username,
    updatedAt: clock.now(),
    version: before.version + 1,
  };
  if (isDeepStrictEqual(auditedFields(before), auditedFields(after)))
    return { kind: 'changed', account: before };
  const written = await accounts.update(after, before.version);
  switch (written.kind) {
    case 'written':
      break;
    case 'stale':
    case 'role_not_found':
      return { kind: 'stale', account: (await accounts.find(accountId)) ?? before };
    case 'login_name_taken':
      return { kind: 'refused', fields: faultOf('preferred_username', 'Somebody else has this name.') };
    case 'missing':
      return { kind: 'missing' };
    default:
      return written satisfies never;
  }
  const change = changedFields(auditedFields(before), auditedFields(after));
  await audit.append({ type: 'profile.changed', accountId, change }, by);
  return { kind: 'changed', account: after };
}

/** RFC 7396 on the values that the person sees; the others stay. */
function nextValues(
  definitions: readonly AttributeDefinition[],
  stored: AttributeValues,
  patch: OwnProfileChanges['attributes'],
): { fields: FieldFault[]; attributes: AttributeValues | undefined } {
  if (patch === undefined)
    return { fields: [], attributes: Object.keys(stored).length === 0 ? undefined : stored };
  const seen = visibleValues(definitions, stored, 'person') ?? {};
  const given = Object.entries({ ...seen, ...patch }).flatMap(([name, value]): [string, AttributeValue][] =>
    value === null ? [] : [[name, value]],
  );
  const after = Object.fromEntries(given);
  return {
    fields: findAttributeFaults(definitions, { before: seen, after, who: 'person' }),
    attributes: keepHidden(definitions, { before: stored, after, who: 'person' }),
  };
}

function faultInNewUsername(
  { username: present, email }: Account,
  username: string | null | undefined,
  isAllowed: boolean,
): string | undefined {
  if (username === undefined || username === present) return undefined;
  if (!isAllowed) return 'The user name cannot be changed here. Ask who runs this service.';
  if (username === null)
    return email === null ? 'It is what you sign in with; choose another one.' : undefined;
  return faultInUsername(username);
}

/** RFC 7396 with the schema's knowledge of what may be removed. A number that is another one was not verified. */
function nextProfile(before: Profile, changes: OwnProfileChanges): Profile {
  const { address, attributes: _, ...others } = changes;
  const merged: Profile = { ...before, ...others };
  if ('address' in changes)
    merged.address = address === undefined ? undefined : withoutGaps({ ...before.address, ...address });
  if (merged.address !== undefined && Object.keys(merged.address).length === 0) merged.address = undefined;
  if (merged.phone_number !== before.phone_number) merged.phone_number_verified = undefined;
  return withoutGaps(merged);
}

/** As it is stored: what is undefined is not there. */
function withoutGaps<Fields extends object>(fields: Fields): Fields {
  const kept = { ...fields };
  for (const [name, value] of Object.entries(kept))
    if (value === undefined) Reflect.deleteProperty(kept, name);
  return kept;
}
