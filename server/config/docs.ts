import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeErrorReference } from './error-reference.ts';
import { writeExample, writeManual } from './manual.ts';
import { writeRefusalReference } from './refusal-reference.ts';

/**
 * Program: writes what is generated from the settings, and from the reasons why clients are refused (`--write`), or tells which
 * of it is stale (`--check`, exit code 1 if any).
 */
const generated = [
  { path: 'deploy/CONFIGURATION.md', content: writeManual() },
  { path: 'deploy/env.example', content: writeExample() },
  { path: 'docs/errors.md', content: writeErrorReference() },
  { path: 'docs/client-errors.md', content: writeRefusalReference() },
];

const root = new URL('../../', import.meta.url);
const place = (path: string): string => fileURLToPath(new URL(path, root));
const isStale = ({ path, content }: { path: string; content: string }): boolean =>
  !existsSync(place(path)) || readFileSync(place(path), 'utf8') !== content;

switch (process.argv[2]) {
  case '--write':
    for (const { path, content } of generated) writeFileSync(place(path), content);
    break;
  case '--check': {
    const stale = generated.filter(isStale);
    for (const { path } of stale) process.stderr.write(`${path} is stale. Run: npm run generate\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
    break;
  }
  default:
    process.stderr.write('usage: node server/config/docs.ts --write | --check\n');
    process.exitCode = 2;
}
