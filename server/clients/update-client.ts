import { isDeepStrictEqual } from 'node:util';
import { changedFields } from '../audit/change.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { FieldFault } from '../errors.ts';
import type { Ids } from '../ids.ts';
import type { InTransaction } from '../transaction.ts';
import type { Client } from './client.ts';
import {
  type ClientMetadata,
  type MetadataErrorCode,
  parseClientMetadata,
  parsePatchedMetadata,
} from './metadata.ts';
import { needsSecret, newSecret } from './new-secret.ts';
import type { ClientStore } from './store.ts';

export interface UpdateClientDeps {
  clients: Pick<ClientStore, 'findWithSecrets' | 'update' | 'insertSecret' | 'deleteSecrets'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
}

export interface UpdateClientInput {
  id: string;
  /** Without one, the version that is found. */
  expectedVersion?: number | undefined;
  /** `replace`: the whole metadata, what is left out gets its default. `merge`: RFC 7396. Unchecked, as it came. */
  change: { kind: 'replace'; metadata: unknown } | { kind: 'merge'; patch: unknown };
  by: Actor;
}

export type UpdateClientOutcome =
  /** `secret`: made because the client now needs one and had none; shown now and never again. */
  | { kind: 'updated'; client: Client; secret?: string }
  | { kind: 'refused'; code: MetadataErrorCode; fields: FieldFault[] }
  | { kind: 'built_in' | 'stale' | 'missing' };

/** Changes a client; the validator of its creation judges the whole that results (RFC 7592 2.2). */
export const makeUpdateClient =
  (deps: UpdateClientDeps) =>
  (input: UpdateClientInput): Promise<UpdateClientOutcome> =>
    deps.inTransaction(() => update(deps, input));

export type UpdateClient = ReturnType<typeof makeUpdateClient>;

async function update(deps: UpdateClientDeps, input: UpdateClientInput): Promise<UpdateClientOutcome> {
  const found = await deps.clients.findWithSecrets(input.id);
  if (found === undefined) return { kind: 'missing' };
  const before = found.client;
  if (before.builtIn) return { kind: 'built_in' };
  if (input.expectedVersion !== undefined && input.expectedVersion !== before.version)
    return { kind: 'stale' };
  const { change } = input;
  const parsed =
    change.kind === 'replace'
      ? parseClientMetadata(change.metadata)
      : parsePatchedMetadata(before.metadata, change.patch);
  if (parsed.kind === 'refused') return parsed;
  const { metadata } = parsed;
  if (isDeepStrictEqual(comparable(before.metadata), comparable(metadata))) {
    return { kind: 'updated', client: before };
  }
  const after = { ...before, metadata, updatedAt: deps.clock.now(), version: before.version + 1 };
  const written = await deps.clients.update(after, before.version);
  if (written.kind !== 'written') return { kind: written.kind };
  const present = found.secrets.map(({ id }) => id);
  const { secretIds, secret } = await settleSecrets(deps, after, present);
  const fields = changedFields(
    { ...comparable(before.metadata), secret_ids: present },
    { ...comparable(metadata), secret_ids: secretIds },
  );
  await deps.audit.append({ type: 'client.updated', clientId: after.id, change: fields }, input.by);
  return secret === undefined
    ? { kind: 'updated', client: after }
    : { kind: 'updated', client: after, secret };
}

/** Secrets go when the client stops to use them, so that none comes back to life later; one comes when it starts. */
async function settleSecrets(
  deps: UpdateClientDeps,
  client: Client,
  present: readonly string[],
): Promise<{ secretIds: readonly string[]; secret?: string }> {
  if (!needsSecret(client.metadata)) {
    await deps.clients.deleteSecrets(client.id);
    return { secretIds: [] };
  }
  if (present.length > 0) return { secretIds: present };
  const secret = deps.ids.secret();
  const row = newSecret(deps, client.id, secret);
  await deps.clients.insertSecret(row);
  return { secretIds: [row.id], secret };
}

/** As it is stored: a field that is undefined is one that is not there. */
function comparable(metadata: ClientMetadata): Record<string, unknown> {
  return JSON.parse(JSON.stringify(metadata));
}
