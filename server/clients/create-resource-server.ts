import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { FieldFault } from '../errors.ts';
import type { Ids } from '../ids.ts';
import type { InTransaction } from '../transaction.ts';
import { parseResourceServer, type ResourceServerInput, toGiven } from './resource-server-input.ts';
import type { ResourceServerStore } from './resource-server-store.ts';
import type { ResourceServer } from './resource-servers.ts';

export interface CreateResourceServerDeps {
  issuer: string;
  resourceServers: Pick<ResourceServerStore, 'insert' | 'findUnknownClients'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
}

export type CreateResourceServerOutcome =
  | { kind: 'created'; server: ResourceServer }
  | { kind: 'refused'; fields: FieldFault[] }
  | { kind: 'resource_taken' };

/** Makes a resource server (RFC 8707) out of what an operator has given, which is checked here. */
export const makeCreateResourceServer =
  (deps: CreateResourceServerDeps) =>
  async ({ given, by }: { given: unknown; by: Actor }): Promise<CreateResourceServerOutcome> => {
    const parsed = parseResourceServer(given, deps.issuer);
    if (parsed.kind === 'refused') return parsed;
    const now = deps.clock.now();
    const server: ResourceServer = {
      ...parsed.input,
      id: deps.ids.id(),
      builtIn: false,
      createdAt: now,
      updatedAt: now,
      version: 1,
    };
    return deps.inTransaction(async () => {
      const fields = await faultsInClients(deps.resourceServers, server);
      if (fields.length > 0) return { kind: 'refused', fields };
      const written = await deps.resourceServers.insert(server);
      if (written.kind !== 'written') return { kind: written.kind };
      await deps.audit.append(
        {
          type: 'resource_server.created',
          resourceServerId: server.id,
          resource: server.resource,
          change: { after: toGiven(server) },
        },
        by,
      );
      return { kind: 'created', server };
    });
  };

export type CreateResourceServer = ReturnType<typeof makeCreateResourceServer>;

/** Clients that are named and not there; to be called in the transaction that names them. */
export async function faultsInClients(
  store: Pick<ResourceServerStore, 'findUnknownClients'>,
  { clients }: ResourceServerInput,
): Promise<FieldFault[]> {
  if (clients === '*' || clients.length === 0) return [];
  const unknown = await store.findUnknownClients(clients);
  return unknown.map((id) => ({ field: `clients.${clients.indexOf(id)}`, message: 'No such client.' }));
}
