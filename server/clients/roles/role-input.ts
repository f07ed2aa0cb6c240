import type { FieldFault } from '../../errors.ts';
import type { Permission } from './role.ts';

/** A role as operators write it. */
export interface RoleInput {
  description: string;
  permissions: readonly Permission[];
  /** Names of the roles that it is to contain. */
  roles: readonly string[];
}

/** Letters and digits of any script, and what stands in a path, a claim and a header without trouble. */
const form = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._:-]*$/u;
const longest = 100;

/**
 * What is wrong with the name of a new role, in words for its operator. Names are compared character by character, so there is
 * one spelling of each (NFC); a name that only looks like a built-in one is refused.
 *
 * @param builtIn names that the server keeps for itself
 */
export function faultInRoleName(name: string, builtIn: readonly string[]): string | undefined {
  if (name.length > longest) return `Use at most ${longest} characters.`;
  if (!form.test(name))
    return 'Begin with a letter or digit, and use only letters, digits, ".", "_", ":" and "-".';
  if (name.normalize('NFC') !== name) return 'Write it in Unicode normalization form C.';
  const folded = foldName(name);
  if (builtIn.some((own) => foldName(own) === folded) || folded.startsWith('gatehouse:'))
    return 'This name is kept for the server itself.';
  return undefined;
}

const foldName = (name: string): string => name.normalize('NFKC').toLowerCase();

/** Of permissions that no resource server has. */
export const unknownPermissions = (missing: readonly Permission[]): FieldFault[] =>
  missing.slice(0, 100).map(({ resource, scope }) => ({
    field: 'permissions',
    message: `No resource server ${JSON.stringify(resource)} has the scope ${JSON.stringify(scope)}.`,
  }));

export const goneRole: FieldFault = { field: 'roles', message: 'A role was deleted meanwhile.' };

export const circle: FieldFault = {
  field: 'roles',
  message: 'One of these roles contains this one, and no role may contain itself.',
};

/** In one spelling: each once, in order. */
export function normalized({ description, permissions, roles }: RoleInput): RoleInput {
  const each = new Map(permissions.map((one) => [`${one.resource}\0${one.scope}`, one]));
  const ordered = [...each]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, permission]) => permission);
  return { description, permissions: ordered, roles: [...new Set(roles)].toSorted() };
}

/** What the audit log shows of a role. */
export function auditedRole({ description, permissions, roles }: RoleInput) {
  return { description, permissions, roles };
}
