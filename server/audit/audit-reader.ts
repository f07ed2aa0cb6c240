import type { AuditRecord, ChainedRecord } from './record.ts';

/** Which events somebody wants to see: those that fit all that is given. */
export interface AuditFilter {
  /** `sub` of a person that it is about, or who did it. */
  person?: string | undefined;
  /** `client_id` of a client that it is about, or that did it in its own name. */
  client?: string | undefined;
  /** Whoever did it: `sub`, `client_id` or the name of an operator. */
  actor?: string | undefined;
  /** Exact types; none: all. */
  types?: readonly string[] | undefined;
  requestId?: string | undefined;
  /** Everything that may have been kept of an address. */
  ips?: readonly string[] | undefined;
  /** Recorded then or later. */
  from?: Date | undefined;
  /** Recorded before. */
  to?: Date | undefined;
}

export interface AuditQuery extends AuditFilter {
  order: 'newest' | 'oldest';
  limit: number;
  /** `next` of the page before. */
  after?: string | undefined;
}

/** Everything that is read of the audit log. */
export interface AuditReader {
  find(id: string): Promise<AuditRecord | undefined>;
  /**
   * By when it was recorded. MUST look at a bounded number of rows only, so a page may have fewer items than it could although
   * there is a next one.
   */
  page(query: AuditQuery): Promise<{ items: AuditRecord[]; next: string | null }>;
  /**
   * In the order of the chain, after a place in it. MUST look at `most` places only.
   *
   * @returns those that fit, and the last place that was looked at; null when there is none after it
   */
  chained(
    filter: AuditFilter,
    after: number,
    most: number,
  ): Promise<{ items: ChainedRecord[]; last: number | null }>;
}
