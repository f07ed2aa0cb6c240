import type { Clock } from '../../clock.ts';
import type { InTransaction } from '../../transaction.ts';
import type { AuditLog } from '../event.ts';
import { readCut, signCut } from './checkpoint.ts';
import type { AuditKeys } from './keys.ts';
import { beforeAll } from './links.ts';

/** The months that the audit log is kept in, each in partitions of its own. */
export interface MonthStore {
  /** Makes those of this month and of so many after it; returns how many it made. Gives up, with 0, when it had to wait for others. */
  make(ahead: number): Promise<number>;
  /**
   * What there is from before this moment, which is the beginning of a month: how many partitions, whether something in them waits
   * for its place in the chain, where the part of the chain ends that lies there, if any does, and the newest cut.
   */
  before(moment: Date): Promise<{
    partitions: number;
    isWaiting: boolean;
    chainId: string;
    end: ChainEnd | undefined;
    cut: string | undefined;
  }>;
  /**
   * Drops them, and notes where the chain begins now. MUST be part of the open transaction, and MUST give up with an error rather
   * than let others wait for long.
   */
  drop(moment: Date, sequence: number, token: string): Promise<number>;
  /** Whether this error says that it gave up. */
  hasGivenUp(error: unknown): boolean;
}

export interface ChainEnd {
  sequence: number;
  /** HMAC of the link, in hex. */
  hash: string;
}

export interface DropMonthsDeps {
  keys: AuditKeys;
  months: MonthStore;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  /** Months that are kept beside the running one; 0 keeps all. */
  kept: number;
}

/**
 * Drops the months of the audit log whose time is over, whole. Where the chain was cut is signed, so that verification can tell it
 * from a beginning that somebody has taken away; and it is an event.
 *
 * @returns how many partitions were dropped; 0 also when somebody reads them, to be tried again
 */
export const makeDropMonths =
  ({ keys, months, audit, inTransaction, clock, kept }: DropMonthsDeps) =>
  async (): Promise<number> => {
    if (kept === 0) return 0;
    const now = clock.now();
    const before = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - kept));
    const found = await months.before(before);
    if (found.partitions === 0 || found.isWaiting) return 0;
    const { chainId } = found;
    const { sequence, hash } = found.end ?? endOfCut(keys, found.cut);
    const token = signCut(keys, {
      chain: chainId,
      sequence,
      hash,
      made_at: now.toISOString(),
      before: before.toISOString(),
    });
    try {
      return await inTransaction(async () => {
        const dropped = await months.drop(before, sequence, token);
        await audit.append({ type: 'audit.cut', before: before.toISOString(), sequence }, { kind: 'system' });
        return dropped;
      });
    } catch (error) {
      if (months.hasGivenUp(error)) return 0;
      throw error;
    }
  };

/** Where nothing of the chain lies in those months, it begins as it did. */
function endOfCut(keys: AuditKeys, token: string | undefined): ChainEnd {
  if (token === undefined) return { sequence: 0, hash: beforeAll.toString('hex') };
  const read = readCut(keys, token);
  if (read.kind !== 'read') throw new Error(`the newest cut of the audit log is ${read.kind}`);
  return read.content;
}
