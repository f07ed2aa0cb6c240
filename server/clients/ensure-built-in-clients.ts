import { isDeepStrictEqual } from 'node:util';
import { changedFields } from '../audit/change.ts';
import type { AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { StartError } from '../errors.ts';
import type { InTransaction } from '../transaction.ts';
import { type BuiltInClient, builtInClients } from './built-in.ts';
import type { ClientStore } from './store.ts';

export interface EnsureBuiltInClientsDeps {
  clients: Pick<ClientStore, 'find' | 'insert' | 'update'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

const system = { kind: 'system' } as const;

/**
 * Brings the server's own clients to the state that this version and issuer want; to be called at every start. Of several
 * processes that start at once one writes, the others find it done.
 *
 * @throws StartError when an operator's client already has the id of a built-in one
 */
export const makeEnsureBuiltInClients =
  (deps: EnsureBuiltInClientsDeps) =>
  async (issuer: string): Promise<void> => {
    for (const wanted of builtInClients(issuer)) {
      await deps.inTransaction(() => ensure(deps, wanted));
    }
  };

export type EnsureBuiltInClients = ReturnType<typeof makeEnsureBuiltInClients>;

async function ensure(deps: EnsureBuiltInClientsDeps, { id, metadata }: BuiltInClient): Promise<void> {
  const { clients, audit } = deps;
  const now = deps.clock.now();
  const present = await clients.find(id);
  if (present === undefined) {
    const fresh = { id, metadata, builtIn: true, createdAt: now, updatedAt: now, version: 1 };
    if ((await clients.insert(fresh)).kind !== 'written') return;
    await audit.append({ type: 'client.created', clientId: id, change: { after: metadata } }, system);
    return;
  }
  if (!present.builtIn) {
    throw new StartError(
      `The client ${id} was registered by an operator, but this version needs that id for itself.`,
      'Register that client under another id and delete it.',
    );
  }
  if (isDeepStrictEqual(comparable(present.metadata), comparable(metadata))) return;
  const written = await clients.update({ ...present, metadata, updatedAt: now }, present.version);
  if (written.kind !== 'written') return;
  const change = changedFields(present.metadata, metadata);
  await audit.append({ type: 'client.updated', clientId: id, change }, system);
}

/** As it is stored. */
function comparable(metadata: object): unknown {
  return JSON.parse(JSON.stringify(metadata));
}
