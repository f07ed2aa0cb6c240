import { StartError } from '../errors.ts';
import { escapeUnprintable } from '../log.ts';
import type { Fault } from './fault.ts';

/** Exit code of a wrong configuration: EX_CONFIG of sysexits. */
export const configurationExitCode = 78;

/**
 * The whole report for standard error: a heading, one numbered line per fault with its remedy. Names of unknown variables
 * come from outside and may contain anything.
 */
export function reportFaults(faults: readonly Fault[]): string {
  const heading =
    faults.length === 1
      ? 'The configuration has a fault; nothing was started.'
      : `The configuration has ${faults.length} faults; nothing was started.`;
  const width = String(faults.length).length;
  const lines = faults.map(
    ({ name, message, remedy }, index) =>
      `${String(index + 1).padStart(width + 2)}. ${escapeUnprintable(`${name} ${message}. ${remedy}`)}`,
  );
  return [heading, ...lines].join('\n');
}

/** The same as an error, for those who stop at it. */
export function configurationError(faults: readonly Fault[]): StartError {
  return new StartError(
    reportFaults(faults),
    'All settings are described in deploy/CONFIGURATION.md.',
    configurationExitCode,
  );
}
