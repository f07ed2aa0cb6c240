import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { clientMetadataShape } from '../clients/metadata-shape.ts';
import { AppError } from '../errors.ts';
import { shownOnce } from '../http/api/shown-once.ts';

const clientId = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,128}$/)
  .meta({ description: 'Made up when left out.' });

/** What the server says of a client and nobody can change. */
const readOnly = {
  client_id: clientId,
  client_id_issued_at: z.int().meta({ description: 'Seconds since 1970 (RFC 7591 3.2.1).' }),
  built_in: z.boolean().meta({ description: "One of the server's own clients, which cannot be changed." }),
};

/** Any JSON object; the use case parses it, since what counts is the merged whole. */
export const anyObject = z.record(z.string(), z.unknown());

export const newClientBody = z
  .strictObject({ client_id: clientId.optional(), ...clientMetadataShape.shape })
  .meta({ id: 'NewClient' });

export const changedClientBody = clientMetadataShape.meta({ id: 'ClientMetadata' });

export const patchedClientBody = z
  .strictObject(
    Object.fromEntries(
      Object.entries(clientMetadataShape.shape).map(([name, field]) => [name, z.nullable(field).optional()]),
    ),
  )
  .meta({ id: 'ClientPatch' });

/** A client as it is read; a secret stands there only in the answer that made it. */
export const clientView = z
  .strictObject({
    ...readOnly,
    client_secret: shownOnce('Shown once, when it is made.').optional(),
    client_secret_expires_at: z.int().optional().meta({ description: '0: never (RFC 7591 3.2.1).' }),
    ...clientMetadataShape.shape,
  })
  .meta({ id: 'Client' });

export function showClient(client: Client, secret?: string): z.output<typeof clientView> {
  return {
    ...showReadOnly(client),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    ...client.metadata,
  };
}

/**
 * What a body changes: without the read-only members, which may stand there as they were read, so that an object can be
 * read, edited and sent back.
 *
 * @throws AppError invalid_client_metadata when a read-only member is another one than was read
 */
export function withoutReadOnly(body: Record<string, unknown>, client: Client): Record<string, unknown> {
  const present: Record<string, unknown> = showReadOnly(client);
  const fields = Object.keys(present)
    .filter((name) => Object.hasOwn(body, name) && !isDeepStrictEqual(body[name], present[name]))
    .map((field) => ({ field, message: 'This cannot be changed.' }));
  if (fields.length > 0) throw new AppError('invalid_client_metadata', { fields });
  return Object.fromEntries(Object.entries(body).filter(([name]) => !Object.hasOwn(present, name)));
}

function showReadOnly(client: Client) {
  return {
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    built_in: client.builtIn,
  };
}
