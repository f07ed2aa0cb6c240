import type { Actor } from '../audit/event.ts';
import type { Configuration } from '../config/load.ts';
import type { OperatorBackups } from './backup-ports.ts';
import type { OperatorHouse } from './ports.ts';
import type { Terminal } from './terminal.ts';

/** What a command is given. */
export interface CliContext {
  terminal: Terminal;
  /** @throws StartError exit 78 with the whole report. */
  readConfiguration: () => Configuration;
  /** Opens the house on a schema that fits, and closes it whatever happens. */
  withHouse<Result>(work: (house: OperatorHouse) => Promise<Result>): Promise<Result>;
  /** The same on whatever schema there is: for the commands that change it. */
  withAnySchema<Result>(work: (house: OperatorHouse) => Promise<Result>): Promise<Result>;
  /** What carries whole databases: it opens what it needs itself, and makes nothing in passing. */
  openBackups(): Promise<OperatorBackups>;
  /** In whose name the audit log has it. */
  operator: Actor;
}
