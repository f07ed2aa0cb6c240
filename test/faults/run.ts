/**
 * `npm run faults`: every row of the fault catalogue, one after the other, and what each has come to. `--long` is the nightly
 * length; `--write` puts the figures into docs/faults.md; other arguments go to Jest. Ends with one line of counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RowReport } from './report.ts';

const args = process.argv.slice(2);
const isLong = args.includes('--long');
const forJest = args.filter((arg) => arg !== '--long' && arg !== '--write');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-faults-'));
const reports = join(folder, 'reports.jsonl');

const began = performance.now();
// Beside each other they would take each other's processor for a fault.
const command = [
  fileURLToPath(new URL('../run.ts', import.meta.url)),
  'test/faults',
  '--runInBand',
  ...forJest,
];
const run = spawn(process.execPath, command, {
  stdio: 'inherit',
  env: { ...process.env, FAULTS_REPORT: reports, ...(isLong ? { FAULTS_LONG: '1' } : {}) },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => run.kill(signal));
const [code] = await once(run, 'close');
const minutes = (performance.now() - began) / 60_000;

const rows: RowReport[] = existsSync(reports)
  ? readFileSync(reports, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
rmSync(folder, { recursive: true, force: true });
rows.sort((one, other) => one.row.localeCompare(other.row));
const text = `${machine(minutes)}\n\n${table(rows)}`;
process.stderr.write(`\n${text}\n`);
if (args.includes('--write') && code === 0) write(text);
process.exitCode = code === 0 ? 0 : 1;

function table(reported: readonly RowReport[]): string {
  const head = [
    'row',
    'what was done',
    'ok',
    'refused',
    'unknown',
    'findings against what was acknowledged',
    'measured',
  ];
  const lines = reported.map(({ row, fault, calls, lost, measured = '' }) => [
    row,
    fault,
    ...[calls.ok, calls.fail, calls.unknown, lost].map(String),
    measured,
  ]);
  const rule = head.map((_, column) => (column > 1 && column < 6 ? '---:' : '---'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function machine(took: number): string {
  const { model = 'unknown processor' } = cpus()[0] ?? {};
  const when = new Date().toISOString().slice(0, 10);
  return `Run on ${when}, ${isLong ? 'the nightly length' : 'the short length'}, ${took.toFixed(1)} minutes: ${cpus().length} cores (${model.trim()}), Linux ${release()}, Node ${process.versions.node}.`;
}

/** Replaces what stands between the two marks. */
function write(figures: string): void {
  const file = new URL('../../docs/faults.md', import.meta.url);
  const [before = '', after = ''] = readFileSync(file, 'utf8').split(
    /<!-- figures -->[\s\S]*<!-- end of figures -->/,
  );
  writeFileSync(file, `${before}<!-- figures -->\n${figures}\n<!-- end of figures -->${after}`);
}
