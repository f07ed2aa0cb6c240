import { z } from 'zod';
import type { BulkCollection } from '../../requests/bulk-jobs.ts';
import { anyObject } from '../client-body.ts';

/** An operation of a row, as the operation of this API that it stands for. */
export interface RowOperation {
  operationId: string;
  /** Of the object; none where one is made. */
  id: string | undefined;
  body: unknown;
  ifMatch: string;
}

const id = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const ifMatch = z
  .string()
  .max(256)
  .optional()
  .meta({ description: 'As the header If-Match: the row is refused when the object was changed meanwhile.' });

const create = z.strictObject({ op: z.literal('create'), body: anyObject });
const patch = z.strictObject({ op: z.literal('patch'), id, body: anyObject, if_match: ifMatch });
const remove = z.strictObject({ op: z.literal('delete'), id, if_match: ifMatch });
const disable = z.strictObject({
  op: z.literal('disable'),
  id,
  body: anyObject.default({}),
  if_match: ifMatch,
});
const enable = z.strictObject({ op: z.literal('enable'), id, if_match: ifMatch });

/** What a row may be, by collection. */
export const rowSchemas = {
  users: z.discriminatedUnion('op', [create, patch, remove, disable, enable]).meta({ id: 'UserOperation' }),
  clients: z.discriminatedUnion('op', [create, patch, remove]).meta({ id: 'ClientOperation' }),
} as const;

const operationIds: Readonly<Record<BulkCollection, Readonly<Record<string, string>>>> = {
  users: {
    create: 'createUser',
    patch: 'patchUser',
    delete: 'deleteUser',
    disable: 'disableUser',
    enable: 'enableUser',
  },
  clients: { create: 'createClient', patch: 'patchClient', delete: 'deleteClient' },
};

/** @param stored as it was checked when the job was made */
export function readOperation(collection: BulkCollection, stored: unknown): RowOperation {
  const { op, ...row } = rowSchemas[collection].parse(stored);
  const operationId = operationIds[collection][op];
  if (operationId === undefined) throw new Error(`no operation ${op}`);
  return {
    operationId,
    id: 'id' in row ? row.id : undefined,
    body: 'body' in row ? row.body : undefined,
    ifMatch: ('if_match' in row ? row.if_match : undefined) ?? '',
  };
}
