import type { z } from 'zod';
import type { FieldFault } from './errors.ts';

/** So that a body with a thousand bad fields does not get an answer larger than itself. */
const mostFaults = 100;
const longestName = 100;

/** What a field of the input is called that has no name of its own: the input as a whole. */
export const wholeInput = '(input)';

/** Every issue of a failed parse under its dotted field name, each unknown field by its own. Values are never repeated. */
export function toFieldFaults(error: z.ZodError): FieldFault[] {
  return error.issues.flatMap(describeIssue).slice(0, mostFaults);
}

/** Names that a merge patch would remove although there is no such field; what it sets is judged with the merged whole. */
export function findUnknownRemovals(patch: unknown, shape: Readonly<Record<string, unknown>>): FieldFault[] {
  if (typeof patch !== 'object' || patch === null) return [];
  return Object.entries(patch)
    .filter(([name, value]) => value === null && !Object.hasOwn(shape, name))
    .map(([name]) => unknownField([name]));
}

function describeIssue(issue: z.core.$ZodIssue): FieldFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField([...issue.path, key]));
  }
  return [{ field: nameOf(issue.path), message: issue.message }];
}

const unknownField = (path: readonly PropertyKey[]): FieldFault => ({
  field: nameOf(path),
  message: 'There is no such field.',
});

function nameOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return wholeInput;
  return path.map((step) => String(step).slice(0, longestName)).join('.');
}
