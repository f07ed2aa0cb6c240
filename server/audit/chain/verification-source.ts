import type { Link, ProvenHead } from './links.ts';
import type { EventColumns } from './sealed-event.ts';

/** A row of the audit log as it is found. */
export interface FoundEvent {
  eventId: string;
  recordedAt: string;
  columns: EventColumns;
  salt: Buffer | null;
  personalHash: Buffer | null;
  keyId: string | null;
  seal: Buffer | null;
  /** Whether the deletion of the person that the row is about, or by, is in the log. */
  isErased: boolean;
}

/** A link with the row that it names. */
export interface FoundLink extends Link {
  event: FoundEvent | undefined;
  /** Of an event that got its place long after it happened: the place of one that it is a copy of. */
  copyOf: number | undefined;
}

/** An event that has no place in the chain and waits for none. */
export interface Unlinked extends FoundEvent {
  /** The place of the last event before it that has one; 0 when there is none. */
  after: number;
}

export interface ChainState {
  head: ProvenHead;
  checkpoints: { sequence: number; token: string }[];
  /** The newest cut; undefined while nothing was dropped. */
  cut: { before: string; sequence: number; token: string } | undefined;
}

/**
 * Reads the audit log to verify it, in statements of which each sees one moment: events are written with their place in the
 * queue and get their place in the chain by one transaction each, so none is ever seen without one of the two.
 */
export interface VerificationSource {
  state(): Promise<ChainState>;
  /** Links after this place up to that one, in order, at most `most`. */
  links(after: number, upTo: number, most: number): Promise<FoundLink[]>;
  /** The row with this id, in whatever month it is. */
  event(eventId: string): Promise<FoundEvent | undefined>;
  /** Of the next events after this id, as many as `most`, those that have no place and wait for none; and the last id. */
  unlinked(after: string, most: number): Promise<{ upTo: string | undefined; events: Unlinked[] }>;
  /** Places beyond the end of the chain, at most `most`. */
  beyond(most: number): Promise<number[]>;
  /** Events that wait for their place, and for how many seconds the oldest has. */
  waiting(): Promise<{ events: number; seconds: number }>;
}
