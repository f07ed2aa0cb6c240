import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cleanEnvironment, projectFolder } from '../support/gatehouse.ts';
import type { CliRun } from './fake-house.ts';

/** Runs `gatehouse <args>` as a process of its own, with these settings and no others. */
export async function gatehouse(
  settings: Record<string, string>,
  args: string[],
  input = '',
): Promise<CliRun> {
  const child = spawn(process.execPath, ['server/gatehouse.js', ...args], {
    cwd: projectFolder,
    env: cleanEnvironment(settings),
  });
  child.stdin.end(input);
  const closed = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 128)));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, out, err };
}
