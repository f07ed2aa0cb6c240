import { readFileSync } from 'node:fs';
import { readForeignHash, verifyForeignHash } from '../../adapters/crypto/foreign-hashes/registry.ts';
import { table } from './document.ts';
import { median } from './measure.ts';

interface Golden {
  tool: string;
  hash: string;
}

export interface ForeignHashCost {
  tool: string;
  /** Milliseconds that a check is reckoned to take. */
  reckoned: number;
  /** Of the processor, for a password as long as any. */
  took: number;
}

const rounds = 5;

/** What checks of passwords that other systems have hashed cost, beside what they are reckoned to cost. */
export function measureForeignHashes(say: (line: string) => void): ForeignHashCost[] {
  const golden: Golden[] = JSON.parse(
    readFileSync(new URL('../adapters/user-files/golden/hashes.json', import.meta.url), 'utf8'),
  );
  const longest = Buffer.alloc(1024, 'a');
  const byTool = new Map(golden.map(({ tool, hash }) => [tool, hash]));
  return [...byTool].map(([tool, hash]) => {
    say(tool);
    const reading = readForeignHash(hash);
    if (reading.kind === 'refused') throw new Error(reading.why);
    const { scheme, hash: text, work: reckoned } = reading.password;
    const times = Array.from({ length: rounds }, () => {
      const began = process.threadCpuUsage();
      verifyForeignHash(scheme, text, longest);
      const { user, system } = process.threadCpuUsage(began);
      return (user + system) / 1000;
    });
    return { tool, reckoned, took: median(times) };
  });
}

/** The figures as a table. */
export const describeForeignHashes = (costs: readonly ForeignHashCost[]): string =>
  table(
    ['hashed by', 'reckoned', 'measured'],
    costs.map(({ tool, reckoned, took }) => [tool, `${reckoned} ms`, `${took.toFixed(1)} ms`]),
  );
