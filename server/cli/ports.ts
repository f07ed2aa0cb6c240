import type { Account } from '../accounts/account.ts';
import type { CreateAccount } from '../accounts/create-account.ts';
import type { AccountPage } from '../accounts/store.ts';
import type { Client } from '../clients/client.ts';
import type { CreateClient } from '../clients/create-client.ts';
import type { DeleteClient } from '../clients/delete-client.ts';
import type { Configuration } from '../config/load.ts';

/** What the commands need of the house: the same use cases that the admin API calls, and the schema. */
export interface OperatorHouse {
  accounts: OperatorAccounts;
  clients: OperatorClients;
  migrations: OperatorMigrations;
  /** Ends every connection, and the embedded database if this process started it. */
  close(): Promise<void>;
}

/**
 * Opens the house for one command. Beside a running server with an embedded database it MUST go through that server's
 * socket, otherwise open the database itself under the lock. It MUST NOT migrate: the commands decide that.
 *
 * @throws StartError when the database cannot be reached or the data directory is held by somebody without a socket.
 */
export type OpenOperatorHouse = (configuration: Configuration) => Promise<OperatorHouse>;

export interface PageQuery {
  limit: number;
  after?: string | undefined;
  search?: string | undefined;
}

export interface OperatorAccounts {
  create: CreateAccount;
  list(query: PageQuery): Promise<AccountPage>;
  find(id: string): Promise<Account | undefined>;
  /** By e-mail address or user name in their folded form. */
  findByLoginName(folded: string): Promise<Account | undefined>;
}

export interface OperatorClients {
  create: CreateClient;
  list(query: PageQuery): Promise<{ items: Client[]; next: string | null }>;
  find(id: string): Promise<Client | undefined>;
  delete: DeleteClient;
}

export interface SchemaStatus {
  /** Highest migration that the database has; 0 when it is empty. */
  current: number;
  /** Highest migration that this program brings. */
  known: number;
  migrations: { number: number; name: string; appliedAt: Date | null }[];
}

export interface OperatorMigrations {
  status(): Promise<SchemaStatus>;
  /** Numbers of the migrations that were applied. */
  up(): Promise<number[]>;
  /** Numbers of the migrations that were undone. */
  down(target: number): Promise<number[]>;
}
