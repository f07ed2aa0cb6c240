import type { Actor, AuditLog } from '../audit/event.ts';
import type { InTransaction } from '../transaction.ts';
import type { ClientStore } from './store.ts';

export interface DeleteClientDeps {
  clients: Pick<ClientStore, 'find' | 'delete'>;
  audit: AuditLog;
  inTransaction: InTransaction;
}

export interface DeleteClientInput {
  id: string;
  /** Deletes whatever the version is, when left out. */
  expectedVersion?: number | undefined;
  by: Actor;
}

export type DeleteClientOutcome = { kind: 'deleted' | 'built_in' | 'stale' | 'missing' };

/** Deletes a client with its secrets, grants and tokens (RFC 7592 2.3). */
export const makeDeleteClient =
  (deps: DeleteClientDeps) =>
  ({ id, expectedVersion, by }: DeleteClientInput): Promise<DeleteClientOutcome> =>
    deps.inTransaction(async () => {
      const client = await deps.clients.find(id);
      if (client === undefined) return { kind: 'missing' };
      if (client.builtIn) return { kind: 'built_in' };
      if (!(await deps.clients.delete(id, expectedVersion))) {
        return { kind: expectedVersion === undefined ? 'missing' : 'stale' };
      }
      await deps.audit.append(
        { type: 'client.deleted', clientId: id, change: { before: client.metadata } },
        by,
      );
      return { kind: 'deleted' };
    });

export type DeleteClient = ReturnType<typeof makeDeleteClient>;
