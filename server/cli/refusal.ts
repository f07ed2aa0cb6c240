import { AppError, type FieldFault, StartError } from '../errors.ts';
import { printNote, type Terminal } from './terminal.ts';

/** What was asked for is not possible; nothing was changed. Exit code 1. */
export class Refusal extends Error {
  readonly fields: readonly FieldFault[];

  constructor(message: string, fields: readonly FieldFault[]) {
    super(message);
    this.name = 'Refusal';
    this.fields = fields;
  }
}

export function refused(message: string, fields: readonly FieldFault[] = []): Refusal {
  return new Refusal(message, fields);
}

/** Says on standard error why a command failed, and returns the exit code. */
export function reportFailure(terminal: Terminal, error: unknown): 1 | 2 | 78 {
  if (error instanceof StartError) {
    for (const line of error.message.split('\n')) printNote(terminal, line);
    printNote(terminal, error.remedy);
    return error.exitCode;
  }
  if (error instanceof Refusal || error instanceof AppError) {
    printNote(terminal, error.message);
    for (const { field, message } of error.fields) printNote(terminal, `  ${field}: ${message}`);
    return 1;
  }
  printNote(terminal, `Unexpected error: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof Error && error.stack !== undefined) {
    for (const line of error.stack.split('\n').filter((frame) => frame.startsWith('    at '))) {
      printNote(terminal, line);
    }
  }
  return 1;
}
