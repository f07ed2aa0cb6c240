import type { Actor, AuditEvent } from '../../audit/event.ts';
import type { ForeignPassword } from '../../authn/foreign-password.ts';
import type { Account } from '../account.ts';

export interface NewAccount {
  account: Account;
  password: ForeignPassword | undefined;
  mustReset: boolean;
  event: AuditEvent & { accountId: string };
}

/** How far an import is. */
export interface ImportState {
  /** Rows of the file that are through. */
  position: number;
  imported: number;
  /** Left as they are, for somebody has their login name or id. */
  skipped: number;
  refused: number;
  mustReset: number;
  /** How long the report was then. */
  reportBytes: number;
  finishedAt: Date | null;
}

export interface ImportStore {
  /** The state of an import, which is made if it is new. */
  begin(id: string, format: string): Promise<ImportState>;
  /** Writes the state if it still is at `from`; false when another run has gone on meanwhile. */
  advance(id: string, from: number, state: ImportState): Promise<boolean>;
  /** Lets it begin from the start again. */
  forget(id: string): Promise<void>;
  /**
   * Writes accounts with names, roles, passwords and events in one statement; returns the indexes of those that it left out,
   * for another account has one of their names or their id. MUST decide that in the database, and MUST let every process know that there are
   * foreign passwords now.
   */
  add(accounts: readonly NewAccount[], by: Actor): Promise<number[]>;
  /** The same without writing anything. */
  findTaken(accounts: readonly Pick<NewAccount, 'account'>[]): Promise<number[]>;
}

/** Where the refused rows are listed, one JSON object in a line. */
export interface ImportReport {
  /** Writes at this byte, and cuts off what stood there from an interrupted run; returns the byte behind it. */
  writeAt(position: number, lines: readonly ReportLine[]): Promise<number>;
}

export interface ReportLine {
  row: number;
  at: string;
  field: string;
  reason: string;
}
