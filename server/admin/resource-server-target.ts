import { z } from 'zod';
import type { AllResourceServers } from '../clients/list-resource-servers.ts';
import type { ResourceServer } from '../clients/resource-servers.ts';
import type { MayOpen } from '../clients/update-resource-server.ts';
import { AppError, type FieldFault } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import type { Precondition } from '../http/api/etag.ts';
import type { Rank } from './rank.ts';

/** What an operation on one resource server has in its path. */
export const resourceServerTarget = {
  params: z.strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .meta({
        description: 'The `id` of the resource server; its `resource` is a URI and does not fit here.',
      }),
  }),
  missing: 'resource_server_not_found',
} as const;

interface TargetDeps {
  allResourceServers: Pick<AllResourceServers, 'find'>;
}

/** @throws AppError resource_server_not_found */
export async function findResourceServer(
  { allResourceServers }: TargetDeps,
  id: string,
): Promise<ResourceServer> {
  const server = await allResourceServers.find(id);
  if (server === undefined) throw new AppError('resource_server_not_found');
  return server;
}

/**
 * The resource server that is to be changed: one that may be, in a version that the caller knows.
 *
 * @throws AppError resource_server_not_found, built_in, precondition_failed
 */
export async function findChangeable(
  deps: TargetDeps,
  id: string,
  ifMatch: Precondition,
): Promise<ResourceServer> {
  const server = await findResourceServer(deps, id);
  if (server.builtIn) throw new AppError('built_in');
  ifMatch.check(server.version);
  return server;
}

/** What a use case is told of a change beside the change itself. */
export const conditionsOf = (
  rank: Rank,
  caller: Caller,
  { binding }: Precondition,
  { version }: ResourceServer,
): { mayOpen: MayOpen; expectedVersion?: number } => ({
  // Who opens what was for holders of a role gives it to everybody.
  mayOpen: (permissions) => rank.toConfer(caller, { permissions, roles: [] }, { permissions: [], roles: [] }),
  ...(binding ? { expectedVersion: version } : {}),
});

/** The answer to a change that was not made. */
export function refusalOfResourceServer(
  outcome: { kind: 'missing' | 'built_in' | 'stale' } | { kind: 'scope_in_use'; fields: FieldFault[] },
): AppError {
  switch (outcome.kind) {
    case 'missing':
      return new AppError('resource_server_not_found');
    case 'built_in':
      return new AppError('built_in');
    case 'stale':
      return new AppError('precondition_failed');
    case 'scope_in_use':
      return new AppError('scope_in_use', { fields: outcome.fields });
    default:
      return outcome satisfies never;
  }
}
