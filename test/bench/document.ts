import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

const file = new URL('../../docs/performance.md', import.meta.url);

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** When and on what it was measured. */
export function machine(): string {
  const { model = 'unknown processor' } = cpus()[0] ?? {};
  return `Measured on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${model.trim()}), Linux ${release()}, Node ${process.versions.node}.`;
}

/** Prints what was measured, and with `--write` puts it between the two marks of this name in docs/performance.md. */
export function publish(
  name:
    | 'figures'
    | 'requests'
    | 'large'
    | 'growth'
    | 'import'
    | 'storm'
    | 'timing'
    | 'foreign-hashes'
    | 'audit',
  text: string,
): void {
  const block = `${machine()}\n\n${text}`;
  process.stdout.write(`${block}\n`);
  if (!process.argv.includes('--write')) return;
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const document = readFileSync(file, 'utf8');
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no ${begin} ... ${end}`);
  writeFileSync(file, `${document.slice(0, from)}${begin}\n${block}\n${document.slice(to)}`);
}
