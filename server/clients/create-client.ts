import type { AccountStore } from '../accounts/store.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { FieldFault } from '../errors.ts';
import type { Ids } from '../ids.ts';
import type { InTransaction } from '../transaction.ts';
import type { Client } from './client.ts';
import { type ClientMetadata, type MetadataErrorCode, parseClientMetadata } from './metadata.ts';
import { needsSecret, newSecret } from './new-secret.ts';
import type { ClientStore } from './store.ts';

export interface CreateClientDeps {
  clients: Pick<ClientStore, 'insert' | 'insertSecret'>;
  accounts: Pick<AccountStore, 'find'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
}

export interface CreateClientInput {
  /** Chosen by an operator, as it came; made up when left out. */
  clientId?: unknown;
  /** RFC 7591 metadata as it came; checked here. */
  metadata: unknown;
  /** One that the operator brings, from another server for instance; made up when left out. */
  secret?: string | undefined;
  by: Actor;
}

export type CreateClientOutcome =
  /** `secret` is shown now and never again. */
  | { kind: 'created'; client: Client; secret?: string }
  | { kind: 'refused'; code: MetadataErrorCode; fields: FieldFault[] }
  | { kind: 'client_id_taken' };

/** Registers a client (RFC 7591 3), with a secret of 256 bits if it proves itself by one. */
export const makeCreateClient =
  (deps: CreateClientDeps) =>
  async ({ clientId, metadata: given, secret, by }: CreateClientInput): Promise<CreateClientOutcome> => {
    const parsed = parseClientMetadata(given);
    const fields = [...faultsInClientId(clientId), ...(parsed.kind === 'refused' ? parsed.fields : [])];
    if (parsed.kind === 'refused') return { ...parsed, fields };
    const { metadata } = parsed;
    fields.push(...faultsInOwnSecret(secret, metadata));
    if (fields.length > 0) return { kind: 'refused', code: 'invalid_client_metadata', fields };
    const now = deps.clock.now();
    const id = typeof clientId === 'string' ? clientId : deps.ids.id();
    const client = { id, metadata, builtIn: false, createdAt: now, updatedAt: now, version: 1 };
    return deps.inTransaction(() => insertClient(deps, client, secret ?? deps.ids.secret(), by));
  };

export type CreateClient = ReturnType<typeof makeCreateClient>;

/** Characters that need no escaping in any URL, header or form (RFC 3986 2.3), and no name that a path swallows. */
function faultsInClientId(id: unknown): FieldFault[] {
  const wellFormed = typeof id === 'string' && /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/.test(id);
  if (id === undefined || wellFormed) return [];
  return [{ field: 'client_id', message: 'Use 1 to 128 letters, digits, ".", "_", "~" and "-".' }];
}

/** RFC 6749 A.2; long enough that a fast hash is safe for it. */
function faultsInOwnSecret(secret: string | undefined, metadata: ClientMetadata): FieldFault[] {
  if (secret === undefined) return [];
  if (!needsSecret(metadata))
    return [{ field: 'client_secret', message: 'This client proves itself without a secret.' }];
  if (/^[\x21-\x7e]{32,512}$/.test(secret)) return [];
  return [{ field: 'client_secret', message: 'Use 32 to 512 printable ASCII characters without spaces.' }];
}

async function insertClient(
  deps: CreateClientDeps,
  client: Client,
  secret: string,
  by: Actor,
): Promise<CreateClientOutcome> {
  // RFC 9700 4.15: a client that has the id of a person could pass its own tokens off as that person's.
  if ((await deps.accounts.find(client.id)) !== undefined) return { kind: 'client_id_taken' };
  const written = await insertWithSecret(deps, client, secret, by);
  if (written.kind !== 'written') return { kind: written.kind };
  return needsSecret(client.metadata) ? { kind: 'created', client, secret } : { kind: 'created', client };
}

/** Writes a client, its secret if it uses one, and their one event; to be called in a transaction. */
export async function insertWithSecret(
  deps: Omit<CreateClientDeps, 'accounts' | 'inTransaction'>,
  client: Client,
  secret: string,
  by: Actor,
): Promise<{ kind: 'written' | 'client_id_taken' }> {
  const written = await deps.clients.insert(client);
  if (written.kind !== 'written') return written;
  const secrets = needsSecret(client.metadata) ? [newSecret(deps, client.id, secret)] : [];
  for (const row of secrets) await deps.clients.insertSecret(row);
  const after = { ...client.metadata, secret_ids: secrets.map(({ id }) => id) };
  await deps.audit.append({ type: 'client.created', clientId: client.id, change: { after } }, by);
  return written;
}
