import type { Actor, AuditLog } from '../audit/event.ts';
import type { FieldFault } from '../errors.ts';
import type { InTransaction } from '../transaction.ts';
import { toGiven } from './resource-server-input.ts';
import type { ResourceServerStore, RoleUses } from './resource-server-store.ts';
import { isBuiltIn, type MayOpen, restrictionsLost, scopesInUse } from './update-resource-server.ts';

export interface DeleteResourceServerDeps {
  issuer: string;
  resourceServers: Pick<ResourceServerStore, 'findForChange' | 'delete'>;
  roleUses: RoleUses;
  audit: AuditLog;
  inTransaction: InTransaction;
}

export interface DeleteResourceServerInput {
  id: string;
  /** Deletes whatever the version is, when left out. */
  expectedVersion?: number | undefined;
  mayOpen: MayOpen;
  by: Actor;
}

export type DeleteResourceServerOutcome =
  | { kind: 'deleted' }
  | { kind: 'scope_in_use'; fields: FieldFault[] }
  | { kind: 'built_in' | 'stale' | 'missing' };

/**
 * Deletes a resource server. No token can be got for it any more, those that there are count as ended when somebody asks, and
 * what people agreed to about it is forgotten. Refused while a role confers one of its scopes: nothing goes from roles by itself.
 */
export const makeDeleteResourceServer =
  (deps: DeleteResourceServerDeps) =>
  ({ id, expectedVersion, mayOpen, by }: DeleteResourceServerInput): Promise<DeleteResourceServerOutcome> =>
    deps.inTransaction(async () => {
      if (isBuiltIn(deps.issuer, id)) return { kind: 'built_in' };
      const server = await deps.resourceServers.findForChange(id);
      if (server === undefined) return { kind: 'missing' };
      if (expectedVersion !== undefined && expectedVersion !== server.version) return { kind: 'stale' };
      await mayOpen(restrictionsLost(server));
      const fields = await scopesInUse(deps.roleUses, server);
      if (fields.length > 0) return { kind: 'scope_in_use', fields };
      if (!(await deps.resourceServers.delete(id, expectedVersion))) return { kind: 'missing' };
      await deps.audit.append(
        {
          type: 'resource_server.deleted',
          resourceServerId: id,
          resource: server.resource,
          change: { before: toGiven(server) },
        },
        by,
      );
      return { kind: 'deleted' };
    });

export type DeleteResourceServer = ReturnType<typeof makeDeleteResourceServer>;
