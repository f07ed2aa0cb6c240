import { type Command, InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number within bounds; anything else is a usage error. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };

/** Collects an option that may be given several times. */
export const several = (text: string, before: string[] = []): string[] => [...before, text];

export interface ListOptions {
  search?: string;
  limit: number;
  after?: string;
  json?: true;
}

/** The options of every `list`. */
export function addListOptions(command: Command, searched: string): Command {
  return command
    .option('--search <text>', `only those whose ${searched} begins with this`)
    .option('--limit <number>', 'how many at most', wholeNumber(1, 200), 50)
    .option('--after <cursor>', 'go on where the page before ended')
    .option('--json', 'print JSON');
}
