import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { toGiven } from '../clients/resource-server-input.ts';
import { resourceServerShape } from '../clients/resource-server-shape.ts';
import type { ResourceServer } from '../clients/resource-servers.ts';
import { AppError } from '../errors.ts';

const seconds = z.int().meta({ description: 'Seconds since 1970.' });

export const newResourceServerBody = resourceServerShape.meta({ id: 'NewResourceServer' });

export const patchedResourceServerBody = z
  .strictObject(
    Object.fromEntries(
      Object.entries(resourceServerShape.shape).map(([name, field]) => [name, z.nullable(field).optional()]),
    ),
  )
  .meta({ id: 'ResourceServerPatch' });

/** A resource server as it is read. */
export const resourceServerView = z
  .strictObject({
    id: z.string().meta({ description: 'Names it in paths, where `resource`, a URI, would not fit.' }),
    ...z.object(resourceServerShape.shape).required().shape,
    scopes: z.array(z.strictObject({ name: z.string(), description: z.string(), restricted: z.boolean() })),
    built_in: z.boolean().meta({ description: "One of the server's own APIs, which cannot be changed." }),
    created_at: seconds,
    updated_at: seconds,
  })
  .meta({ id: 'ResourceServer' });

export function showResourceServer(server: ResourceServer): z.output<typeof resourceServerView> {
  return { id: server.id, ...toGiven(server), ...showReadOnly(server) };
}

/**
 * What a body changes: without the read-only members, which may stand there as they were read, so that an object can be
 * read, edited and sent back.
 *
 * @throws AppError invalid_input when a read-only member is another one than was read
 */
export function withoutReadOnly(
  body: Record<string, unknown>,
  server: ResourceServer,
): Record<string, unknown> {
  const present: Record<string, unknown> = { id: server.id, ...showReadOnly(server) };
  const fields = Object.keys(present)
    .filter((name) => Object.hasOwn(body, name) && !isDeepStrictEqual(body[name], present[name]))
    .map((field) => ({ field, message: 'This cannot be changed.' }));
  if (fields.length > 0) throw new AppError('invalid_input', { fields });
  return Object.fromEntries(Object.entries(body).filter(([name]) => !Object.hasOwn(present, name)));
}

function showReadOnly({ builtIn, createdAt, updatedAt }: ResourceServer) {
  return { built_in: builtIn, created_at: toSeconds(createdAt), updated_at: toSeconds(updatedAt) };
}

const toSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);
