import { readFileSync } from 'node:fs';
import { type Configuration, loadConfig } from './load.ts';
import { configurationError } from './report.ts';

/**
 * The configuration of this process, from its environment and the files named there.
 *
 * @throws StartError exit 78 whose message is the whole report.
 */
export function readConfiguration(): Configuration {
  const outcome = loadConfig(process.env, (path) => readFileSync(path, 'utf8'));
  if (outcome.kind === 'faulty') throw configurationError(outcome.faults);
  return outcome;
}
