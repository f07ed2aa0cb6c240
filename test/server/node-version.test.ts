import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { nodeFault } from '../../server/node-version.js';

const entry = (file: string): string => fileURLToPath(new URL(`../../server/${file}`, import.meta.url));

describe('the check of the Node version', () => {
  it.each(['24.14.1', '24.14.2', '24.15.0', '24.100.0', '25.8.2', '26.0.0', '30.1.0'])(
    'accepts %s',
    (version) => {
      expect(nodeFault(version, true)).toBeUndefined();
    },
  );

  it.each(['18.20.8', '20.20.2', '22.22.2', '23.11.0', '24.0.0', '24.9.9', '24.14.0', '25.0.0', '25.8.1'])(
    'refuses %s in one line with what was found, what is needed and how to get it',
    (version) => {
      const fault = nodeFault(version, false);
      expect(fault).toMatch(
        new RegExp(
          `^This is Node ${version.replaceAll('.', '\\.')}, .* 24\\.14\\.1 or later\\. .*"npm ci".*$`,
        ),
      );
    },
  );

  it('says how to use the Node that is already there', () => {
    expect(nodeFault('20.20.2', true)).toContain('use "npm start" and "npx gatehouse"');
  });
});

describe('an entry started by an unfit Node', () => {
  // Whatever Node runs this test, the entry is told that it runs on another one.
  const pretendVersion = `data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.20.2" } })`;

  it.each(['start.js', 'gatehouse.js'])('ends with exit code 1 and one line: %s', (file) => {
    const run = spawnSync(process.execPath, ['--import', pretendVersion, entry(file), '--help'], {
      encoding: 'utf8',
    });
    expect(run.status).toBe(1);
    expect(run.stdout).toBe('');
    expect(run.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^This is Node 20\.20\.2, /)]);
  });
});
