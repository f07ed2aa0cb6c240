import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { places, runDirectory } from './run-directory.ts';

export interface KeptProcess {
  pid: number;
  /** Everything said so far, standard output and standard error as they came. */
  output(): string;
  /** Only what went to standard output. */
  stdout(): string;
  /** Only what went to standard error. */
  stderr(): string;
  /** Whether it still runs. */
  alive(): boolean;
  send(signal: NodeJS.Signals): void;
  /** The exit code, or 128 and the signal's number as shells have it. */
  ended: Promise<number>;
}

/** Starts a child process that does not outlive the test run, even if the run is killed: keeper.ts knows its id. */
export function startKept(command: string, args: readonly string[], options: SpawnOptions = {}): KeptProcess {
  const run = runDirectory();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started.`);
  // A process that leads a group of its own (`detached`) is ended with everybody in it.
  const record = join(places.processes(run), String(options.detached ? -pid : pid));
  writeFileSync(record, '');
  const ended = once(child, 'close').then(() => {
    rmSync(record, { force: true });
    return exitCode(child);
  });
  const said = { all: '', stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      said.all += chunk;
      said[name] += chunk;
    });
  }
  return {
    pid,
    output: () => said.all,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    alive: () => child.exitCode === null && child.signalCode === null,
    send: (signal) => void child.kill(signal),
    ended,
  };
}

function exitCode({ exitCode: code, signalCode }: ChildProcess): number {
  return code ?? 128 + (signalCode === null ? 0 : constants.signals[signalCode]);
}
