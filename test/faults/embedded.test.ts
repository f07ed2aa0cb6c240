import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { gatehouse } from '../cli/gatehouse-command.ts';
import { freePort } from '../support/free-port.ts';
import { cleanEnvironment, projectFolder } from '../support/gatehouse.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { countLost, countOutcomes, isLong, longest, report } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

const kills = isLong ? 200 : 5;
const killsInTheMaking = isLong ? 20 : 3;

describe('the embedded database under load', () => {
  let world: World;
  let folder: TempDir;
  beforeEach(async () => {
    folder = await makeTempDir('embedded');
  });
  afterEach(async () => {
    await world.dispose();
    await folder.remove();
  });

  const only = () => {
    const [server] = world.servers;
    if (server === undefined) throw new Error('there is a server');
    return server;
  };

  it('F-27 a second process on its directory ends with 1 and says why, and harms nothing', async () => {
    world = await startWorld({ database: 'embedded', workers: 3 });
    await world.moreCalls(40);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const second = await startSecond(only().dataDir);
      await expect(second.ended).resolves.toBe(1);
      expect(second.stderr()).toMatch(
        /^The data directory .* is in use by process \d+ since .*\.\nStop that process first/,
      );
      await world.moreCalls(20);
    }
    const { calls, findings } = await world.judge();
    report({
      row: 'F-27',
      fault: '3 second processes on the data directory of a busy server, each refused',
      calls: countOutcomes(calls),
      lost: countLost(findings),
    });
    expect(findings).toEqual([]);
  });

  async function startSecond(dataDir: string): Promise<KeptProcess> {
    const settings = {
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_PORT: String(await freePort()),
      GATEHOUSE_MANAGEMENT_PORT: String(await freePort()),
    };
    return startKept(process.execPath, ['server/start.js'], {
      cwd: projectFolder,
      env: cleanEnvironment(settings),
    });
  }

  async function run(settings: Record<string, string>, args: string[]): Promise<void> {
    const { code, err } = await gatehouse(settings, args);
    expect([code, err]).toEqual([0, expect.any(String)]);
  }

  it(`F-28 ${kills} kills -9 and a stop in order lose nothing that was acknowledged, and a backup restored has it all`, async () => {
    world = await startWorld({ database: 'embedded', workers: 3 });
    let slowest = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await world.moreCalls(15 + ((kill * 7) % 30));
      world.history.fault('kill -9');
      await only().kill9();
      const began = performance.now();
      world.servers[0] = await only().startAgain();
      slowest = Math.max(slowest, performance.now() - began);
    }
    await world.moreCalls(30);
    // What is judged from here on is a backup, made beside the running server after its last answer.
    await world.driver.stop();
    const [file, restored] = [join(folder.path, 'backup'), join(folder.path, 'restored')];
    await run({ GATEHOUSE_DATA_DIR: only().dataDir }, ['backup', file]);
    await expect(only().stop('SIGTERM')).resolves.toBe(0);
    await run({ GATEHOUSE_DATA_DIR: restored }, ['restore', file]);
    world.servers[0] = await only().startAgain({ dataDir: restored });
    const { calls, findings } = await world.judge();
    report({
      row: 'F-28',
      fault: `${kills} kills -9 of the server with its embedded database, a stop by SIGTERM, and a backup restored`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `opened again within ${(slowest / 1000).toFixed(1)} s`,
    });
    expect(findings).toEqual([]);
    expect(slowest).toBeLessThan(15_000);
  });

  it(`F-28 a directory whose making was killed ${killsInTheMaking} times opens at last, and is whole`, async () => {
    const dataDir = join(folder.path, 'data');
    const settings = {
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_PORT: String(await freePort()),
      GATEHOUSE_MANAGEMENT_PORT: String(await freePort()),
    };
    const names = (): string[] => (existsSync(dataDir) ? readdirSync(dataDir) : []);
    const stages: ((name: string) => boolean)[] = [
      (name) => name === 'secrets.json',
      (name) => name.startsWith('database.new-'),
      // Made, but neither migrated nor with keys.
      (name) => name === 'database',
    ];
    mkdirSync(folder.path, { recursive: true });
    for (let kill = 0; kill < killsInTheMaking; kill += 1) {
      const making = startKept(process.execPath, ['server/start.js'], {
        cwd: projectFolder,
        env: cleanEnvironment(settings),
      });
      const stage = stages[kill % stages.length] ?? (() => true);
      await waitFor('it has come so far', () => names().some(stage) || !making.alive(), { within: 60_000 });
      making.send('SIGKILL');
      await expect(making.ended).resolves.toBe(137);
    }
    world = await startWorld({ database: 'embedded', workers: 2, dataDir });
    await world.moreCalls(20);
    const { findings } = await world.judge();
    expect(findings).toEqual([]);
  });
});
