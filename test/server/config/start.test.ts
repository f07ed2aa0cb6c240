import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cleanEnvironment, projectFolder } from '../../support/gatehouse.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { production, without } from './environments.ts';

/** Starts the real server with these settings, which must not let it start. */
async function startRefused(settings: Record<string, string>) {
  const folder = await makeTempDir('refused');
  const dataDir = join(folder.path, 'data');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['server/start.js'], {
    cwd: projectFolder,
    env: cleanEnvironment({ GATEHOUSE_DATA_DIR: dataDir, ...settings }),
    encoding: 'utf8',
    timeout: 30_000,
  });
  const wrote = existsSync(dataDir);
  await folder.remove();
  return { status, stdout, stderr, wrote };
}

describe('a server with a wrong configuration', () => {
  it('ends with 78 and the whole report, and writes nothing anywhere', async () => {
    const { status, stdout, stderr, wrote } = await startRefused({
      ...without(without(production, 'GATEHOUSE_DATABASE_URL'), 'GATEHOUSE_COOKIE_KEYS'),
      GATEHOUSE_LOG_LEVL: 'debug',
      GATEHOUSE_PORT: 'canary-port',
    });
    expect({ status, stdout, wrote }).toEqual({ status: 78, stdout: '', wrote: false });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toEqual([
      'The configuration has 4 faults; nothing was started.',
      expect.stringMatching(
        /^ {2}1\. GATEHOUSE_LOG_LEVL is not a setting\. Did you mean GATEHOUSE_LOG_LEVEL\? /,
      ),
      expect.stringMatching(/^ {2}2\. GATEHOUSE_PORT must be /),
      expect.stringMatching(/^ {2}3\. GATEHOUSE_DATABASE_URL is required in production\. /),
      expect.stringMatching(/^ {2}4\. GATEHOUSE_COOKIE_KEYS is required in production\. /),
      'All settings are described in deploy/CONFIGURATION.md.',
    ]);
    expect(stderr).not.toContain('canary');
  });
});
