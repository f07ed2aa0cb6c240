import type { Head, Link, ProvenHead } from './links.ts';
import type { EventColumns } from './sealed-event.ts';

/** An event that has no place in the chain yet. */
export interface WaitingEvent {
  eventId: string;
  recordedAt: string;
  /** What the row has; null when it has none or is gone. */
  seal: Buffer | null;
  /** The row, where it is there and has no seal. */
  unsealed: EventColumns | null;
}

export interface ChainStore {
  /** Whether events wait for their place, and how old the oldest link is that no checkpoint covers, in seconds. */
  look(): Promise<{ isWaiting: boolean; uncovered: number }>;
  /** The end of the chain, the events that come next, in order and at most `most`, and the time by the database's clock. */
  next(most: number): Promise<{ head: ProvenHead; waiting: WaitingEvent[]; now: string }>;
  /**
   * Appends the links and takes their events from the queue. MUST be one statement that does nothing unless the chain still ends
   * where `from` says: so somebody who is no longer the one who appends, and does not know, changes nothing.
   *
   * @returns whether that was so
   */
  append(from: Head, links: readonly Link[], to: ProvenHead): Promise<boolean>;
  /** Keeps a checkpoint; likewise. */
  keepCheckpoint(from: Head, token: string, to: ProvenHead): Promise<boolean>;
}
