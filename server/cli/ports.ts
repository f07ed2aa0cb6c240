import type { Readable } from 'node:stream';
import type { SignCheckpoint } from '../audit/chain/make-checkpoint.ts';
import type { VerifyAudit } from '../audit/chain/verify.ts';
import type { Actor } from '../audit/event.ts';
import type { ExportEventsUse } from '../audit/export-events.ts';
import type { Configuration } from '../config/load.ts';
import type { FieldFault } from '../errors.ts';

/** What the commands need of the house: the use cases of the admin API in its own words, and the schema. */
export interface OperatorHouse {
  users: OperatorUsers;
  clients: OperatorClients;
  migrations: OperatorMigrations;
  mail: OperatorMail;
  imports: OperatorImports;
  audit: { verify: VerifyAudit; checkpoint: SignCheckpoint; exportEvents: ExportEventsUse };
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

/** What the admin API answers for a user or a client, member by member. */
export type Document = Readonly<Record<string, unknown>>;

export interface PageQuery {
  limit: number;
  after?: string | undefined;
  search?: string | undefined;
}

export interface DocumentPage {
  items: Document[];
  /** To be given back as `after`; null when nothing follows. */
  next: string | null;
}

export interface Refused {
  kind: 'refused';
  fields: readonly FieldFault[];
}

export interface OperatorUsers {
  /** `body` as the admin API takes it; everything in it is checked as there. */
  create(input: {
    body: Document;
    by: Actor;
  }): Promise<{ kind: 'created'; user: Document } | { kind: 'login_name_taken' } | Refused>;
  /** `body` as the admin API takes it for invitations. */
  invite(input: {
    body: Document;
    by: Actor;
  }): Promise<{ kind: 'invited'; invitation: Document } | { kind: 'login_name_taken' | 'closed' } | Refused>;
  list(query: PageQuery): Promise<DocumentPage>;
  /** By sub, e-mail address or user name. */
  find(name: string): Promise<Document | undefined>;
  /** By sub, e-mail address or user name: lets all devices try again at once. */
  unlock(input: { name: string; by: Actor }): Promise<{ kind: 'unlocked' | 'missing' }>;
}

export interface OperatorClients {
  /** `body` as the admin API takes it; `secret` is one that the operator brings. */
  create(input: { body: Document; secret?: string | undefined; by: Actor }): Promise<
    /** The document has `client_secret` if the server made one; it cannot be read again. */
    { kind: 'created'; client: Document } | { kind: 'client_id_taken' } | Refused
  >;
  list(query: PageQuery): Promise<DocumentPage>;
  find(id: string): Promise<Document | undefined>;
  delete(input: { id: string; by: Actor }): Promise<{ kind: 'deleted' | 'missing' | 'built_in' | 'stale' }>;
}

/** Systems and forms that people are imported from. */
export const userFormats = [
  'gatehouse',
  'csv',
  'keycloak',
  'auth0',
  'firebase',
  'django',
  'wordpress',
  'htpasswd',
  'shadow',
  'ldif',
] as const;

export interface ImportInput {
  format: (typeof userFormats)[number];
  /** `-` is standard input. */
  path: string;
  standardInput: Readable;
  /** Our field by the column of a table. */
  columns: Readonly<Record<string, string>>;
  delimiter: string;
  firebaseParameters: string | undefined;
  onConflict: 'skip' | 'refuse';
  dryRun: boolean;
  keepIds: boolean;
  again: boolean;
  /** Where refused rows are listed. */
  report: string | undefined;
  by: Actor;
  /** Of this run: rows, and bytes of the file, whose size is not known of standard input. */
  onProgress(progress: { rows: number; bytes: number; size: number | undefined }): void;
}

export type ImportDone =
  | { kind: 'under_way' }
  | ({ kind: 'imported'; resumedAt: number } & ImportCounts)
  | ({ kind: 'finished_before'; finishedAt: Date | null } & ImportCounts);

export interface ImportCounts {
  rows: number;
  imported: number;
  skipped: number;
  refused: number;
  /** Of the imported: how many must set a new password. */
  mustReset: number;
}

export interface OperatorImports {
  /** @throws StartError when the file cannot be read, or not any further; what came before is kept */
  users(input: ImportInput): Promise<ImportDone>;
}

export interface OperatorMail {
  /** Sends one at once, past the outbox. `kept`: there is no mail server, it is in the mailbox. */
  test(
    to: string,
  ): Promise<{ kind: 'sent'; id: string } | { kind: 'kept' } | { kind: 'failed'; why: string }>;
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
  up(by: Actor): Promise<number[]>;
  /** Numbers of the migrations that were undone. */
  down(target: number, by: Actor): Promise<number[]>;
}
