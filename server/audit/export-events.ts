import type { InTransaction } from '../transaction.ts';
import type { AuditFilter, AuditReader } from './audit-reader.ts';
import type { Actor, AuditLog } from './event.ts';
import { showEvent } from './show-event.ts';

export interface ExportEventsDeps {
  auditReader: Pick<AuditReader, 'chained'>;
  /** The sequence number of the last event that has one. */
  chainEnd(): Promise<number>;
  audit: AuditLog;
  inTransaction: InTransaction;
}

export interface ExportEvents {
  filter: AuditFilter;
  /** The sequence number of the last event that is there already; 0 for all. */
  after: number;
  /** The filter in the words of whoever asks, without anything personal. */
  asked: Record<string, string>;
  by: Actor;
}

/** Places of the chain that are read at once: what is in memory of the log. */
const batch = 1000;

/**
 * The log as JSON lines, in the order of its chain up to where it ended when it was asked for. That it was taken is an event of
 * its own, which is written before the first line is read. What breaks off is gone on with after the last sequence number that
 * arrived.
 */
export const makeExportEvents =
  (deps: ExportEventsDeps) =>
  async ({ filter, after, asked, by }: ExportEvents): Promise<AsyncIterable<string>> => {
    const end = await deps.chainEnd();
    await deps.inTransaction(() =>
      deps.audit.append({ type: 'audit.exported', filter: asked, after, until: end }, by),
    );
    return linesOf(deps.auditReader, filter, after, end);
  };

export type ExportEventsUse = ReturnType<typeof makeExportEvents>;

async function* linesOf(
  reader: Pick<AuditReader, 'chained'>,
  filter: AuditFilter,
  after: number,
  end: number,
): AsyncGenerator<string> {
  let place = after;
  while (place < end) {
    const { items, last } = await reader.chained(filter, place, Math.min(batch, end - place));
    if (items.length > 0) yield items.map((record) => `${JSON.stringify(showEvent(record))}\n`).join('');
    if (last === null) return;
    place = last;
  }
}
