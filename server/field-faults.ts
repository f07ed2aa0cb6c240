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

function describeIssue(issue: z.core.$ZodIssue): FieldFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: nameOf([...issue.path, key]),
      message: 'There is no such field.',
    }));
  }
  return [{ field: nameOf(issue.path), message: issue.message }];
}

function nameOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return wholeInput;
  return path.map((step) => String(step).slice(0, longestName)).join('.');
}
