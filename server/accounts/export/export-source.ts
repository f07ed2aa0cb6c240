/** What proves who somebody is, without what makes it a proof. */
export interface ExportedFactor {
  type: string;
  since: Date;
}

/** Something that happened to an account. */
export interface ExportedEvent {
  type: string;
  at: Date;
  /** Of the person's own doings; null for what others did. */
  ip: string | null;
  userAgent: string | null;
  clientId: string | null;
  details: Record<string, unknown>;
}

export interface ExportedMail {
  kind: string;
  state: string;
  at: Date;
}

/** What is read of an account for its owner alone. */
export interface ExportSource {
  factors(accountId: string): Promise<ExportedFactor[]>;
  /** Oldest first, a page at a time. */
  events(accountId: string): AsyncIterable<readonly ExportedEvent[]>;
  /** Oldest first, a page at a time. What was written in them is not kept. */
  mails(accountId: string): AsyncIterable<readonly ExportedMail[]>;
}
