import type { OnRows } from './backup-ports.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two sights of it. */
const often = 100;

/** Shows on a terminal how far long work is, in one line that is written over; says nothing elsewhere. */
export function makeProgress({ err }: Terminal, verb: string) {
  const counted = new Map<string, number>();
  let shownAt = 0;
  const onRows: OnRows = (table, rows) => {
    counted.set(table, (counted.get(table) ?? 0) + rows);
    if (err.isTTY !== true || performance.now() - shownAt < often) return;
    shownAt = performance.now();
    err.write(`\r\u001b[K${verb} ${table}: ${count(counted.get(table) ?? 0, 'row')}`);
  };
  return {
    onRows,
    /** Takes the line away. */
    end(): void {
      if (shownAt > 0) err.write('\r\u001b[K');
    },
  };
}

/** `1 row`, `1,234 rows`. */
export function count(number: number, what: string): string {
  return `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`;
}
