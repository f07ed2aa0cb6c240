import type { ListOrder } from '../list-order.ts';
import type { Client, ClientSecret } from './client.ts';
import type { HeldRole } from './roles/role.ts';

export type ClientOrder = 'created_at' | 'client_name';

export interface ClientQuery {
  limit: number;
  /** `next` of the page before, of the same query. Any other text is refused as invalid_cursor. */
  after?: string | undefined;
  /** (createdAt, id) ascending when left out. */
  order?: ListOrder<ClientOrder> | undefined;
  createdFrom?: Date | undefined;
  /** That moment is not among it. */
  createdBefore?: Date | undefined;
  /** Start of client_id or client_name, case folded. */
  search?: string | undefined;
}

export interface ClientWithSecrets {
  client: Client;
  /** Those that are alive. */
  secrets: ClientSecret[];
  /** Those that are over and still known, so that an operator can be told which one a program still uses. */
  expired: ClientSecret[];
  /** Names this registration: of two clients that have the same id one after the other, each has its own. */
  tokenRef: string;
  /** By name; those that have ended may be among them. */
  roles: HeldRole[];
}

export interface ClientStore {
  find(id: string): Promise<Client | undefined>;
  /** The client with the hashes of its secrets and its roles, in one statement: what the token endpoint needs. */
  findWithSecrets(id: string): Promise<ClientWithSecrets | undefined>;
  list(query: ClientQuery): Promise<{ items: Client[]; next: string | null }>;
  /** MUST decide that the id is free in the database. */
  insert(client: Client): Promise<{ kind: 'written' | 'client_id_taken' }>;
  update(client: Client, expectedVersion: number): Promise<{ kind: 'written' | 'stale' | 'missing' }>;
  /** Secrets, grants and tokens of the client go with it. */
  delete(id: string, expectedVersion?: number): Promise<boolean>;
  insertSecret(secret: ClientSecret): Promise<void>;
  /** All of them, alive or not. */
  deleteSecrets(clientId: string): Promise<void>;
}
