import { describe, expect, it } from '@jest/globals';
import { projectFolder } from './support/gatehouse.ts';
import { startKept } from './support/kept-process.ts';

/** The test command, inside of a test; `PATH` decides what it finds on the machine. */
async function run(args: string[], path = process.env.PATH ?? '') {
  const started = startKept(process.execPath, ['test/run.ts', ...args], {
    cwd: projectFolder,
    env: { PATH: path, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
  });
  const code = await started.ended;
  return { code, output: started.output(), lastLine: started.output().trimEnd().split('\n').at(-1) };
}

describe('npm test', () => {
  it('runs the part that it is asked for, and ends with the counts', async () => {
    const { code, lastLine, output } = await run(['test/support/cookie-jar.test.ts', '-t', 'drops a cookie']);
    expect({ code, lastLine }).toEqual({ code: 0, lastLine: '1 passed, 0 failed' });
    expect(output).not.toMatch(/warning/i);
  });

  it('fails when there is nothing to run', async () => {
    const { code, lastLine } = await run(['test/no-such-folder']);
    expect({ code, lastLine }).toEqual({ code: 1, lastLine: '0 passed, 1 failed' });
  });

  it('names what is missing and how to get it, and fails instead of skipping', async () => {
    const { code, lastLine, output } = await run([], '/no/such/folder');
    expect({ code, lastLine }).toMatchObject({
      code: 1,
      lastLine: expect.stringMatching(/^0 passed, \d failed$/),
    });
    expect(output).toContain('Missing: Chromium');
    expect(output).toContain('apt-get install chromium');
  });
});
