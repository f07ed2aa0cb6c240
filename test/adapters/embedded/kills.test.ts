import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmbeddedDatabase } from '../../../adapters/embedded/database.ts';
import { openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { type KeptProcess, startKept } from '../../support/kept-process.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';

const program = fileURLToPath(new URL('./holder.ts', import.meta.url));
const kills = 20;

let folder: TempDir;
beforeEach(async () => {
  folder = await makeTempDir('kills');
});
afterEach(() => folder.remove());

type Fact = { found?: number[]; acknowledged?: number };

function facts(holder: KeptProcess): Fact[] {
  // A killed process may have said half a line.
  const lines = holder.stdout().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

async function found(holder: KeptProcess): Promise<number[]> {
  const opened = (): number[] | undefined => {
    if (!holder.alive()) throw new Error(`it ended:\n${holder.output()}`);
    return facts(holder)[0]?.found;
  };
  return waitFor('the database has opened', opened, { within: 60_000 });
}

const acknowledged = (holder: KeptProcess): number[] =>
  facts(holder).flatMap(({ acknowledged: number }) => (number === undefined ? [] : [number]));

describe('the embedded database', () => {
  it(`loses nothing that it acknowledged in ${kills} kills -9 in the middle of writing, and opens again`, async () => {
    const promised = new Set<number>();
    for (let kill = 0; kill < kills; kill += 1) {
      const writer = startKept(process.execPath, [program, folder.path, 'write']);
      const there = new Set(await found(writer));
      expect([...promised].filter((number) => !there.has(number))).toEqual([]);
      // Between the first writes and a few hundred, so that some kills meet a checkpoint.
      const enough = 1 + Math.floor(Math.random() * 150);
      await waitFor('it has written some', () => acknowledged(writer).length >= enough, {
        within: 60_000,
      });
      writer.send('SIGKILL');
      await writer.ended;
      for (const number of [...there, ...acknowledged(writer)]) promised.add(number);
    }
    const last = startKept(process.execPath, [program, folder.path]);
    const there = new Set(await found(last));
    expect([...promised].filter((number) => !there.has(number))).toEqual([]);
    last.send('SIGTERM');
    await expect(last.ended).resolves.toBe(0);
  }, 240_000);

  it('is made at last, however often its making was killed', async () => {
    const directory = join(folder.path, 'data');
    for (const milestone of ['secrets.json', 'database.new-', 'database.new-']) {
      const holder = startKept(process.execPath, [program, directory]);
      await waitFor(`there is ${milestone}`, () =>
        names(directory).some((name) => name.startsWith(milestone)),
      );
      holder.send('SIGKILL');
      await holder.ended;
      expect(names(directory)).not.toContain('database');
    }
    const holder = startKept(process.execPath, [program, directory]);
    await expect(found(holder)).resolves.toEqual([]);
    expect(names(directory).filter((name) => name.startsWith('database'))).toEqual(['database']);
    holder.send('SIGTERM');
    await holder.ended;
  });

  it('tells when it breaks: a log that cannot be written ends it, and a start without that log says why', async () => {
    const embedded = await startEmbeddedDatabase(folder.path);
    const database = openDatabase({
      where: { kind: 'socket', directory: embedded.socketDirectory },
      poolMax: 1,
      acquireTimeout: 5000,
      connectTimeout: 5000,
      statementTimeout: 5000,
    });
    const write = () =>
      database.current().raw("insert into filler select repeat('x', 1000) from generate_series(1, 2000)");
    await database.current().raw('create table filler (text text)');
    rmSync(join(folder.path, 'database', 'pg_wal'), { recursive: true });
    let broken: Error | undefined;
    void embedded.crashed.then((error) => {
      broken = error;
    });
    await waitFor('the database has ended', async () => {
      await write().catch(() => {});
      return broken !== undefined;
    });
    expect(broken).toBeInstanceOf(Error);
    await database.close();
    await embedded.close();
    await expect(startEmbeddedDatabase(folder.path)).rejects.toMatchObject({
      name: 'StartError',
      exitCode: 1,
      message: expect.stringMatching(/^The embedded database in .* does not start: [^\n]+$/),
      remedy: expect.stringContaining('restore a backup'),
    });
  });

  it('refuses what is nested too deep for it, and goes on', async () => {
    const embedded = await startEmbeddedDatabase(folder.path);
    const database = openDatabase({
      where: { kind: 'socket', directory: embedded.socketDirectory },
      poolMax: 1,
      acquireTimeout: 5000,
      connectTimeout: 5000,
      statementTimeout: 5000,
    });
    const json = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    await expect(database.current().raw('select ?::jsonb', [json])).rejects.toThrow(
      'stack depth limit exceeded',
    );
    await expect(database.current().raw('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await database.close();
    await embedded.close();
  });
});

function names(directory: string): string[] {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return readdirSync(directory);
}
