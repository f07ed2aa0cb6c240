import { isNativeError } from 'node:util/types';
import { AppError } from '../../server/errors.ts';
import type { LogFields } from '../../server/log.ts';
import { isSecretName, mask, maskSecrets } from './redaction.ts';

/** What JSON can hold, and nothing that could be a secret or without end. */
export type Loggable = string | number | boolean | null | Loggable[] | { [name: string]: Loggable };

const deepest = 5;
const longestText = 4_000;
const longestList = 50;

/** Names that belong to the entry itself; a field of that name gets an underscore. */
const reserved = new Set(['time', 'level', 'message']);

/** The fields of an entry as they may be written: secrets masked, errors unfolded, everything bounded. */
export function loggableFields(fields: LogFields): { [name: string]: Loggable } {
  const loggable = toLoggableObject(fields, 0);
  for (const name of reserved) {
    if (!Object.hasOwn(loggable, name)) continue;
    const value = loggable[name];
    delete loggable[name];
    if (value !== undefined) loggable[`${name}_`] = value;
  }
  return loggable;
}

function toLoggableObject(object: object, depth: number): { [name: string]: Loggable } {
  const pairs: [string, Loggable][] = [];
  for (const [name, value] of Object.entries(object).slice(0, longestList)) {
    if (value === undefined || typeof value === 'function') continue;
    pairs.push([
      maskSecrets(name),
      isSecretName(name) && !isEmpty(value) ? mask : toLoggable(value, depth + 1),
    ]);
  }
  return Object.fromEntries(pairs);
}

/** Numbers and booleans under such a name are counts and switches; nothing at all is worth seeing. */
const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || typeof value === 'boolean' || typeof value === 'number';

function toLoggable(value: unknown, depth: number): Loggable {
  switch (typeof value) {
    case 'string':
      return maskSecrets(value.length > longestText ? `${value.slice(0, longestText)}…` : value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : toLoggableReference(value, depth);
    default:
      return String(value);
  }
}

function toLoggableReference(value: object, depth: number): Loggable {
  if (isNativeError(value) || value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return maskSecrets(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= deepest) return Array.isArray(value) ? '[list]' : '[object]';
  if (Array.isArray(value)) return value.slice(0, longestList).map((item) => toLoggable(item, depth + 1));
  return toLoggableObject(value, depth);
}

/**
 * `code` of an error is a word such as ECONNREFUSED, not a code of OAuth. `detail` is meant for the log in our own errors
 * only: PostgreSQL puts the values of the refused row there. Other properties may hold a query or a body.
 */
function describeError(error: Error, depth: number): { [name: string]: Loggable } {
  const described: { [name: string]: Loggable } = {
    name: error.name,
    message: toLoggable(error.message, depth),
  };
  const shown =
    error instanceof AppError ? ['code', 'detail'] : ['code', 'errno', 'syscall', 'constraint', 'remedy'];
  for (const name of shown) {
    const value: unknown = Reflect.get(error, name);
    if (typeof value === 'string' || typeof value === 'number') described[name] = toLoggable(value, depth);
  }
  if (error.stack !== undefined) described.stack = toLoggable(error.stack, depth);
  if (error.cause !== undefined)
    described.cause = depth >= deepest ? '[cause]' : toLoggable(error.cause, depth + 1);
  return described;
}
