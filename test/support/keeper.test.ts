import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { cleanEnvironment, projectFolder } from './gatehouse.ts';
import { startKept } from './kept-process.ts';
import { waitFor } from './wait-for.ts';

/** A test run of its own: its folder, its PostgreSQL with a database, and a process that would live on. */
const smallRun = `
  const { default: setUp } = await import('./test/support/global-setup.ts');
  const { startKept } = await import('./test/support/kept-process.ts');
  const { createDatabase } = await import('./test/support/postgres.ts');
  await setUp();
  await createDatabase();
  const { pid } = startKept(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  console.log(JSON.stringify({ folder: process.env.TEST_RUN_DIRECTORY, pid }));
  setInterval(() => {}, 1000);
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the keeper of a test run', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)('leaves nothing behind when the run ends by %s', async (signal) => {
    const run = startKept(process.execPath, ['--input-type=module', '-e', smallRun], {
      cwd: projectFolder,
      env: cleanEnvironment(),
    });
    const line = await waitFor('the run had its parts', () => /^\{.*\}$/m.exec(run.stdout())?.[0]);
    const { folder, pid } = JSON.parse(line);
    expect([existsSync(folder), isAlive(pid)]).toEqual([true, true]);
    run.send(signal);
    await run.ended;
    await waitFor('its folder and its processes were gone', () => !existsSync(folder) && !isAlive(pid));
  });
});
