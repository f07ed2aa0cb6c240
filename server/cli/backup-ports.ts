import type { Actor } from '../audit/event.ts';
import type { Configuration } from '../config/load.ts';

/** What the commands that carry whole databases need. */
export interface OperatorBackups extends OperatorExports {
  /** Beside a running server with an embedded database it MUST go through that server's socket. */
  backup(input: {
    path: string;
    withSecrets: boolean;
    /** Milliseconds that a running server may have to wait. */
    longestPause: number;
    by: Actor;
    onRows: OnRows;
  }): Promise<BackupDone>;
  restore(input: {
    path: string;
    /** Lets no session, grant or token of the backup live. */
    endSessions: boolean;
    by: Actor;
    onRows: OnRows;
  }): Promise<RestoreDone>;
  /** From the embedded database to PostgreSQL: `to`, or the one of the settings. */
  move(input: { to: string | undefined; by: Actor; onRows: OnRows }): Promise<MoveDone>;
  /** Writes the secrets that the server has made for itself, each into a file. Returns their paths. */
  exportSecrets(directory: string): Record<'encryptionKeys' | 'cookieKeys' | 'passwordKeys', string>;
}

/** @throws StartError with the remedy whenever something is refused or fails; nothing has changed then. */
export type OpenOperatorBackups = (configuration: Configuration) => OperatorBackups;

export interface ExportInput {
  path: string;
  /** Keys as the tool age has them. */
  key: string;
  by: Actor;
  onRows: OnRows;
}

/** People and clients, from one server to another. */
export interface OperatorExports {
  /** The file MUST be encrypted for the key from its first byte on, and MUST have the keys that its passwords were made with. */
  exportAll(input: ExportInput): Promise<{ madeAt: Date; tables: Record<string, number>; bytes: number }>;
  /** Into a server that has no people and no clients of its own, all or nothing. */
  importAll(input: ExportInput): Promise<{ madeAt: string; tables: Record<string, number> }>;
  /** Writes a new key into a file that is not there yet; returns its public half. */
  makeKeypair(path: string): Promise<string>;
}

/** Told how many more rows of a table are through. */
export type OnRows = (table: string, rows: number) => void;

export interface Carried {
  /** Rows by table. */
  tables: Record<string, number>;
  schemaVersion: number;
}

export interface BackupDone extends Carried {
  madeAt: Date;
  bytes: number;
  /** `settings`: the server gets them from there and has made none. */
  secrets: 'included' | 'left out' | 'settings';
  /** Milliseconds that the running server had to wait; undefined when none had to. */
  pause: number | undefined;
}

export interface RestoreDone extends Carried {
  madeAt: string;
  /** Tables of the backup that are not Gatehouse's. */
  leftOut: string[];
  /** Whether the secrets of the backup were put into the data directory. */
  secretsKept: boolean;
}

export interface MoveDone extends Carried {
  leftOut: string[];
  /** Hosts and name of the database, without user and password. */
  to: string;
  /** The data directory, whose database stays behind and will not be started again. */
  from: string;
  /** Where the secrets are that the server has made for itself; undefined when settings give all. */
  secrets: string | undefined;
}
