import type { ShownEvent } from '../record.ts';

export const sinkNames = ['syslog', 'webhook'] as const;

export type SinkName = (typeof sinkNames)[number];

/** An event that has its place in the chain, on its way out. */
export type ShippedEvent = ShownEvent & { sequence: number };

/** Somebody outside who gets the log. */
export interface AuditSink {
  name: SinkName;
  /** Where it is, without what is secret in its address. */
  address: string;
  /** Events that it takes at once at most. */
  most: number;
  /**
   * Hands over these events in this order. MUST resolve only when the other side has them as far as its protocol can tell, MUST
   * reject in the time given, and MUST NOT keep them any longer than that.
   */
  send(events: readonly ShippedEvent[], signal: AbortSignal): Promise<void>;
}

/** How far a sink has come. */
export interface SinkState {
  name: SinkName;
  /** The sequence number of the last event that it has. */
  position: number;
  /** The one from which on it gets events: those before had their place when it was set up. */
  since: number;
  shippedAt: Date | null;
  /** Failures since something got through last. */
  failures: number;
  failedAt: Date | null;
  lastError: string | null;
}

/** How far the sinks have come, for whichever process does the work. */
export interface SinkStates {
  /** The state of a sink, which begins at the present end of the chain when it has none. */
  open(name: SinkName): Promise<SinkState>;
  /**
   * The sink has everything up to there. MUST change nothing and answer false when a later holder of the lease has written, by
   * which `fence` grows.
   */
  advance(name: SinkName, to: { position: number; fence: number; at: Date }): Promise<boolean>;
  fail(name: SinkName, failure: { fence: number; at: Date; error: string }): Promise<void>;
  all(): Promise<SinkState[]>;
  /** The sequence number of the last event that has one. */
  end(): Promise<number>;
}
