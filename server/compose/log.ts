import { makeBatchedOutput } from '../../adapters/logging/batched-output.ts';
import { makeWinstonLog } from '../../adapters/logging/winston.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../log.ts';

/** The log on standard output: lines for people on a terminal, JSON elsewhere, unless the operator has chosen. */
export function makeLog({ log }: Config): Log {
  const terminal = process.stdout.isTTY === true;
  const format = log.format === 'auto' ? (terminal ? 'text' : 'json') : log.format;
  return makeWinstonLog({
    level: () => log.level,
    format,
    stream: terminal ? process.stdout : makeBatchedOutput(process.stdout.fd),
    colours: terminal,
  });
}
