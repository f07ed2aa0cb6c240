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

/** Shows in the same way how far work on so many bytes is, how fast it goes and how long it will take. */
export function makePace({ err }: Terminal, verb: string) {
  const began = performance.now();
  let shownAt = 0;
  return {
    onProgress({ rows, bytes, size }: { rows: number; bytes: number; size: number | undefined }): void {
      if (err.isTTY !== true || performance.now() - shownAt < often) return;
      shownAt = performance.now();
      const seconds = (shownAt - began) / 1000;
      const rate = `${Math.round(rows / seconds).toLocaleString('en-US')} a second`;
      const left = size === undefined || bytes === 0 ? undefined : (seconds / bytes) * (size - bytes);
      const remaining = left === undefined ? '' : `, ${timeLeft(left)} left`;
      err.write(`\r\u001b[K${verb} ${count(rows, 'row')}, ${rate}${remaining}`);
    },
    end(): void {
      if (shownAt > 0) err.write('\r\u001b[K');
    },
  };
}

function timeLeft(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}

/** `1 row`, `1,234 rows`. */
export function count(number: number, what: string): string {
  return `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`;
}
