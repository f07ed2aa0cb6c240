import { appendFileSync } from 'node:fs';
import type { Call, Outcome } from './history.ts';
import type { Finding } from './invariants/evidence.ts';

/** What a row of the fault catalogue has come to. */
export interface RowReport {
  /** F-04 and the like. */
  row: string;
  /** What was done, with its figures. */
  fault: string;
  calls: Record<Outcome, number>;
  /** Findings of the checker against what was acknowledged; one loss may be found several times. */
  lost: number;
  /** What else was measured. */
  measured?: string;
}

/** Whether this is the nightly length. */
export const isLong = process.env.FAULTS_LONG === '1';

/** Milliseconds that one row may take: a busy machine must not be taken for a fault. */
export const longest = isLong ? 3 * 60 * 60_000 : 240_000;

/** Says what a row has come to, and hands it to `npm run faults` where that has asked for it. */
export function report(row: RowReport): void {
  process.stdout.write(`${sentence(row)}\n`);
  const file = process.env.FAULTS_REPORT;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
}

export function sentence({ row, fault, calls, lost, measured }: RowReport): string {
  const counts = `${calls.ok} ok, ${calls.fail} refused, ${calls.unknown} unknown`;
  const fate =
    lost === 0 ? 'nothing acknowledged was lost' : `${lost} findings against what was acknowledged`;
  return `${row} ${fault}: ${counts}; ${fate}${measured === undefined ? '' : `; ${measured}`}`;
}

export function countOutcomes(calls: readonly Pick<Call, 'outcome'>[]): Record<Outcome, number> {
  const counts = { ok: 0, fail: 0, unknown: 0 };
  for (const { outcome } of calls) counts[outcome] += 1;
  return counts;
}

/** Findings that mean that something acknowledged did not hold; the others are answers of a wrong kind. */
export const countLost = (findings: readonly Finding[]): number =>
  findings.filter(({ invariant }) => invariant !== 'I8' && invariant !== 'I7').length;

/** The first call of these that was begun after this moment and succeeded: milliseconds until its answer. */
export function recoveryTime(calls: readonly Call[], since: number, types: readonly string[]): number {
  const first = calls
    .filter(({ operation, outcome, at }) => outcome === 'ok' && at > since && types.includes(operation.type))
    .map(({ at, ms }) => at + ms - since);
  return Math.min(...first);
}

/** Calls that only succeed when something was written. */
export const writes = [
  'create-user',
  'rename-user',
  'set-password',
  'create-client',
  'rename-client',
  'refresh',
];
