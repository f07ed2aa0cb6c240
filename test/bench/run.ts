import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import setUp from '../support/global-setup.ts';
import tearDown from '../support/global-teardown.ts';
import { measureMemory } from './memory-cost.ts';
import { countPackages } from './packages.ts';
import { measureStarts } from './start-cost.ts';
import { measureTokenCost } from './token-cost.ts';

/** `npm run bench`: measures the figures, prints them, and with `--write` puts them into docs/performance.md. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);

await setUp();
try {
  say('starts');
  const starts = await measureStarts();
  say('token cost beside the bare engine');
  const token = await measureTokenCost();
  say('memory');
  const memory = await measureMemory(say);
  const packages = countPackages();
  const rows: [string, string, string][] = [
    ['First start, empty directory, until ready', '8 s', seconds(starts.first)],
    ['Warm start, embedded database', '2 s', seconds(starts.warmEmbedded)],
    ['Warm start, external PostgreSQL', '1.2 s', seconds(starts.warmExternal)],
    ['Resident memory at rest, embedded, after 3,000 sign-ins', '350 MB', `${memory.embedded} MB`],
    ['Resident memory at rest, external PostgreSQL', '160 MB', `${memory.external} MB`],
    [
      'Client credentials, JWT ES256: CPU per request beside the bare engine in memory',
      '1.3 times',
      `${token.ratio.toFixed(2)} times (rounds ${token.lowest.toFixed(2)} to ${token.highest.toFixed(2)}; ${token.gatehouse.toFixed(2)} ms beside ${token.bare.toFixed(2)} ms)`,
    ],
    [
      'Sign-in page over the wire, all included',
      '30 kB',
      `${(memory.pageBytes / 1000).toFixed(1)} kB in ${memory.pageRequests} requests`,
    ],
    [
      'Packages of `npm ci --omit=dev`',
      '280',
      `${packages.count} (heaviest: ${packages.heaviest.join(', ')})`,
    ],
  ];
  const table = [
    '| figure | bar | measured |',
    '|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
  process.stdout.write(`${machine()}\n\n${table}\n`);
  if (process.argv.includes('--write')) write(`${machine()}\n\n${table}`);
} finally {
  await tearDown();
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function machine(): string {
  const { model = 'unknown processor' } = cpus()[0] ?? {};
  return `Measured on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${model.trim()}), Linux ${release()}, Node ${process.versions.node}.`;
}

/** Replaces what stands between the two marks. */
function write(text: string): void {
  const file = new URL('../../docs/performance.md', import.meta.url);
  const [before = '', after = ''] = readFileSync(file, 'utf8').split(
    /<!-- figures -->[\s\S]*<!-- end of figures -->/,
  );
  writeFileSync(file, `${before}<!-- figures -->\n${text}\n<!-- end of figures -->${after}`);
}
