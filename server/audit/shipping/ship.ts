import type { Clock } from '../../clock.ts';
import type { ChainedRecord } from '../record.ts';
import { showEvent } from '../show-event.ts';
import type { AuditSink, SinkState, SinkStates } from './sink.ts';

export interface ShipDeps {
  sink: AuditSink;
  states: Pick<SinkStates, 'open' | 'advance' | 'fail'>;
  /** Events after a place, in the order of the chain. */
  readChain(after: number, most: number): Promise<ChainedRecord[]>;
  lease: { take(name: string, owner: string, seconds: number): Promise<number | undefined> };
  /** Names this process among all that could do it. */
  owner: string;
  clock: Clock;
  /** From 0 to below 1: `Math.random`. */
  chance: () => number;
  onFailure(error: unknown): void;
}

/** `pause`: seconds until it is worth while to look again. */
export type ShipOutcome =
  | { kind: 'shipped' }
  | { kind: 'idle' | 'not_ours' | 'failed' | 'overtaken' | 'stopped'; pause: number };

/** Seconds that a sink has for what it is given; shorter than the lease, so that nobody else begins meanwhile. */
export const longestSend = 15;
const leaseSeconds = 40;
const idlePause = 1;
const longestPause = 60;

/** Names the lease of a sink. */
export const leaseOf = ({ name }: Pick<AuditSink, 'name'>): string => `audit ${name}`;

/**
 * Ships the next events to a sink, at least once and in order: where it is goes on record after they arrived, so that whoever dies
 * in between leaves the same events to the next. After a failure there is one event at a time, then twice as many with each
 * that gets through: so few come twice where a sink takes some of what it is given and fails then. To be called by one caller
 * at a time.
 */
export function makeShip(deps: ShipDeps): Ship {
  const { sink, states, readChain, lease, clock } = deps;
  let size = sink.most;
  return async (stop) => {
    const fence = await lease.take(leaseOf(sink), deps.owner, leaseSeconds);
    if (fence === undefined) return { kind: 'not_ours', pause: idlePause };
    const state = await states.open(sink.name);
    const records = await readChain(state.position, Math.min(size, sink.most));
    const position = records.at(-1)?.sequence;
    if (position === undefined) return { kind: 'idle', pause: idlePause };
    try {
      await sink.send(
        records.map((record) => ({ ...showEvent(record), sequence: record.sequence })),
        AbortSignal.any([stop, AbortSignal.timeout(longestSend * 1000)]),
      );
    } catch (error) {
      if (stop.aborted) return { kind: 'stopped', pause: idlePause };
      size = 1;
      deps.onFailure(error);
      await states.fail(sink.name, { fence, at: clock.now(), error: reasonOf(error) });
      return { kind: 'failed', pause: pauseAfter(state, deps.chance()) };
    }
    // crash point: audit_shipped
    if (!(await states.advance(sink.name, { position, fence, at: clock.now() })))
      return { kind: 'overtaken', pause: idlePause };
    size = Math.min(size * 2, sink.most);
    return { kind: 'shipped' };
  };
}

/** @param stop gives up what is under way, which then comes again */
export type Ship = (stop: AbortSignal) => Promise<ShipOutcome>;

/** 1 s, doubling, up to a minute; each shortened by up to a half. */
function pauseAfter({ failures }: SinkState, chance: number): number {
  return Math.min(longestPause, 2 ** Math.min(failures, 10)) * (1 - chance / 2);
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : 'unknown').slice(0, 500);
