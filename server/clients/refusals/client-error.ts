import type { Facts, RefusalCode } from './kinds.ts';

/** One of the last times that a client was refused for this reason. */
export interface Sample {
  at: Date;
  requestId: string | null;
  /** What was different from the other times. */
  facts: Facts;
}

/** Refusals of one client for one reason within one hour. */
export interface ClientError {
  /** Follows from what is aggregated here, so that every process gives the same one. */
  id: string;
  /** Null: no registered client could be told from the request. */
  clientId: string | null;
  code: RefusalCode;
  /** Where it was asked, as metrics and audit log name it. */
  endpoint: string;
  /** The OAuth error that was answered. */
  error: string;
  /** For what came too often to be told apart: its facts are in the samples. */
  isCollective: boolean;
  facts: Facts;
  count: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** The last few, newest first. */
  samples: readonly Sample[];
}

export interface ClientErrorQuery {
  limit: number;
  /** `next` of the page before. Any other text is refused as invalid_cursor. */
  after?: string | undefined;
  /** Null: those of no registered client. */
  clientId?: string | null | undefined;
  code?: RefusalCode | undefined;
  endpoint?: string | undefined;
  /** Last seen then or later. */
  since?: Date | undefined;
  /** First seen before then. */
  until?: Date | undefined;
  ids?: readonly string[] | undefined;
  /** Among the samples. */
  requestId?: string | undefined;
}

/** Samples that are kept of each. */
export const keptSamples = 10;

export interface ClientErrorStore {
  /**
   * Counts these on top of those that are there already, by id, in one statement. MUST be safe beside other processes that add
   * to the same ones, and keep the newest samples, at most `keptSamples`.
   */
  add(errors: readonly ClientError[]): Promise<void>;
  find(id: string): Promise<ClientError | undefined>;
  /** The latest hour first. */
  list(query: ClientErrorQuery): Promise<{ items: ClientError[]; next: string | null }>;
  /** Removes what began before then, at most `most`. Returns how many. */
  forgetOld(before: Date, most: number): Promise<number>;
}
