import type { FieldFault } from '../../errors.ts';
import { isDate, profileClaims } from '../profile/claim-schemas.ts';
import type { AttributeDefinition } from './definition.ts';
import { faultInMask } from './mask.ts';
import { longestText, mostEntries } from './values.ts';

/** Scopes of the standard that an attribute may come with; `offline_access` says nothing of a person. */
const standardScopes = ['openid', 'profile', 'email', 'address', 'phone', 'roles'];

/** Those whose words apps and this server rely on: JWT (RFC 7519 4.1), OIDC Core 2, 5.1, 5.6.2, RFC 9068 2.2, and ours. */
const reservedClaims: ReadonlySet<string> = new Set([
  ...[
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'jti',
    'nonce',
    'azp',
    'acr',
    'amr',
    'auth_time',
    'sid',
    'events',
  ],
  ...['at_hash', 'c_hash', 's_hash', 'client_id', 'scope', 'cnf', 'act', 'may_act', 'status', 'toe', 'txn'],
  ...[
    '_claim_names',
    '_claim_sources',
    'preferred_username',
    'email',
    'email_verified',
    'updated_at',
    'sub_jwk',
  ],
  ...['roles', 'groups', 'entitlements', 'permissions', 'authorization_details', 'grant_ref', 'token_ref'],
  ...Object.keys(profileClaims),
]);

/** What every JavaScript object has, here and in the apps that read the claims. */
const isInherited = (name: string): boolean => name in Object.prototype || name === 'prototype';

const isReserved = (name: string): boolean => reservedClaims.has(name) || isInherited(name);

/**
 * Everything that is wrong with a definition, in the field names of the API. Pure.
 *
 * @param reservedScopes those of the APIs of this server itself
 */
export function findDefinitionFaults(
  definition: AttributeDefinition,
  reservedScopes: readonly string[],
): FieldFault[] {
  const { name, claim, requiredAtSignUp, personAccess } = definition;
  return [
    ...when(isReserved(name), 'name', 'This name means something already. Choose another one.'),
    ...when(
      claim !== null && isReserved(claim.name),
      'claim.name',
      'This claim means something already (OIDC Core 5.1, RFC 7519). Choose another name.',
    ),
    ...when(
      claim !== null && !mayBring(claim.scope, reservedScopes),
      'claim.scope',
      `Give ${standardScopes.join(', ')}, or a scope of your own.`,
    ),
    ...when(
      requiredAtSignUp && personAccess !== 'write',
      'required_at_sign_up',
      'Only what people may change can be asked of them: set person_access to write.',
    ),
    ...findRuleFaults(definition),
  ];
}

/** A scope of an API of this server would be granted with it. */
function mayBring(scope: string, reserved: readonly string[]): boolean {
  if (standardScopes.includes(scope)) return true;
  return scope !== 'offline_access' && !reserved.includes(scope);
}

type Rules = AttributeDefinition['rules'];

function findRuleFaults({ type, rules }: AttributeDefinition): FieldFault[] {
  const { integer, mask, values, min, max } = rules;
  const inMask = mask === undefined ? undefined : faultInMask(mask);
  return [
    ...when(integer !== undefined && type !== 'number', 'validation.integer', 'Only a number can be whole.'),
    ...when(mask !== undefined && type !== 'text', 'validation.mask', 'Only a text has a mask.'),
    ...when(inMask !== undefined, 'validation.mask', inMask ?? ''),
    ...when(type === 'choice' && values === undefined, 'validation.values', 'Say what can be chosen.'),
    ...when(
      values !== undefined && type !== 'choice' && type !== 'list',
      'validation.values',
      'Only a choice and a list have values to choose from.',
    ),
    ...when(new Set(values).size < (values ?? []).length, 'validation.values', 'Give each value once.'),
    ...boundFaults(type, rules, 'min'),
    ...boundFaults(type, rules, 'max'),
    ...when(
      typeof min === typeof max && min !== undefined && max !== undefined && min > max,
      'validation.max',
      'Give no less than min.',
    ),
  ];
}

function boundFaults(type: AttributeDefinition['type'], rules: Rules, side: 'min' | 'max'): FieldFault[] {
  const bound = rules[side];
  const message = bound === undefined ? undefined : faultInBound(type, bound);
  return message === undefined ? [] : [{ field: `validation.${side}`, message }];
}

function faultInBound(type: AttributeDefinition['type'], bound: number | string): string | undefined {
  switch (type) {
    case 'number':
      return typeof bound === 'number' ? undefined : 'Give a number.';
    case 'date':
      return typeof bound === 'string' && bound.length === 10 && isDate(bound)
        ? undefined
        : 'Write YYYY-MM-DD.';
    case 'text':
      return isCount(bound, longestText)
        ? undefined
        : `Give a whole number of characters from 0 to ${longestText}.`;
    case 'list':
      return isCount(bound, mostEntries)
        ? undefined
        : `Give a whole number of entries from 0 to ${mostEntries}.`;
    case 'boolean':
    case 'choice':
      return 'This type has no bounds.';
    default:
      return type satisfies never;
  }
}

const isCount = (bound: number | string, most: number): boolean =>
  typeof bound === 'number' && Number.isSafeInteger(bound) && bound >= 0 && bound <= most;

function when(broken: boolean, field: string, message: string): FieldFault[] {
  return broken ? [{ field, message }] : [];
}
