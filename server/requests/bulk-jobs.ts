/** Of which collection the objects are. */
export type BulkCollection = 'users' | 'clients';

/** Whose rights count when a row is run: what the token said, and from where the job came. */
export interface BulkCaller {
  claims: Readonly<Record<string, unknown>>;
  actor: Readonly<Record<string, unknown>>;
}

export interface BulkJob {
  id: string;
  collection: BulkCollection;
  /** Who asked for it; nobody else sees it. */
  sub: string;
  clientId: string;
  caller: BulkCaller;
  isDryRun: boolean;
  total: number;
  done: number;
  /** Of those that are done. */
  failed: number;
  createdAt: Date;
  startedAt: Date | null;
  /** When the last row was run, or it was stopped. */
  finishedAt: Date | null;
  cancelledAt: Date | null;
}

/** What became of a row. */
export interface BulkResult {
  /** The HTTP status that the operation alone would have had. */
  status: number;
  objectId: string | null;
  problem: Readonly<Record<string, unknown>> | null;
}

export interface BulkRow extends BulkResult {
  number: number;
}

/** A row that waits, with its job. */
export interface WaitingRow {
  job: BulkJob;
  number: number;
  operation: unknown;
}

export interface BulkJobs {
  /** With its rows, numbered from 1. Operations MUST be encrypted at rest: passwords may be in them. */
  insert(job: BulkJob, operations: readonly unknown[]): Promise<void>;
  find(id: string): Promise<BulkJob | undefined>;
  /** Those of this caller, the latest first; at most 100. */
  listOf(collection: BulkCollection, sub: string, clientId: string): Promise<BulkJob[]>;
  /** The next row of the job that has waited longest; undefined when nothing waits. */
  next(): Promise<WaitingRow | undefined>;
  /**
   * Notes what became of a row, and forgets its operation. MUST be false, and change nothing, when that is known already or the
   * job was stopped, so that in one transaction with what the row does, it is done once.
   */
  finish(jobId: string, number: number, result: BulkResult, now: Date): Promise<boolean>;
  /** Rows that were run, from the one after `after`, in their order. */
  results(jobId: string, after: number, limit: number): Promise<BulkRow[]>;
  /** Stops it: what was not run will not be. False when it was over. */
  cancel(id: string, now: Date): Promise<boolean>;
  /** Forgets jobs that were made before; at most `most`. */
  forgetBefore(time: Date, most: number): Promise<number>;
}
