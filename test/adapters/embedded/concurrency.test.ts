import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../../adapters/embedded/database.ts';
import { type Database, openDatabase } from '../../../adapters/postgres/connection/database.ts';

describe('many connections to the embedded database', () => {
  let directory: string;
  let embedded: EmbeddedDatabase;
  let database: Database;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
    embedded = await startEmbeddedDatabase(directory);
    database = openDatabase({
      where: { kind: 'socket', directory: embedded.socketDirectory },
      poolMax: 8,
      acquireTimeout: 20_000,
      connectTimeout: 10_000,
      statementTimeout: 20_000,
    });
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await embedded.close();
    await rm(directory, { recursive: true });
  }, 60_000);

  const ask = async (word: string) => {
    const { rows } = await database.current().raw('select ?::text as word', [word]);
    return rows;
  };
  const words = () => Array.from({ length: 16 }, () => randomBytes(8).toString('hex'));
  const answersTo = (asked: string[]) => asked.map((word) => [{ word }]);

  it('gives everybody their own answer after a transaction that all had to wait for', async () => {
    for (let round = 0; round < 20; round += 1) {
      const asked = words();
      const begun = Promise.withResolvers<void>();
      const asking = Promise.withResolvers<void>();
      const transaction = database.inTransaction(async () => {
        await ask('first');
        begun.resolve();
        await asking.promise;
        await ask('last');
      });
      await begun.promise;
      const waiting = asked.map(ask);
      asking.resolve();
      await expect(Promise.all(waiting)).resolves.toEqual(answersTo(asked));
      await transaction;
    }
  });

  it('gives everybody their own answer when some statements fail', async () => {
    const failing = () => database.current().raw('select 1 / ?::int as one', [0]);
    for (let round = 0; round < 20; round += 1) {
      const asked = words();
      const [answers, failures] = await Promise.all([
        Promise.all(asked.map(ask)),
        Promise.allSettled(asked.map(failing)),
      ]);
      expect(answers).toEqual(answersTo(asked));
      for (const failure of failures) {
        expect(failure).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
      }
    }
  });

  it('gives everybody their own answer when messages arrive in pieces', async () => {
    const asked = words().map((word) => word.repeat(10_000));
    await expect(Promise.all(asked.map(ask))).resolves.toEqual(answersTo(asked));
  });

  it('goes on when a connection dies in the middle of a statement', async () => {
    const socket = connect(join(embedded.socketDirectory, '.s.PGSQL.5432'));
    const ready = new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        // ReadyForQuery, idle
        if (data.includes(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]))) resolve();
      });
    });
    socket.write(startup({ user: 'postgres', database: 'postgres' }));
    await ready;
    // Parse that fails, and no Sync: the session ignores everything up to the next Sync.
    socket.write(message('P', Buffer.from('\0no sql\0\0\0')));
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    const asked = words();
    const answers = Promise.all(asked.map(ask));
    socket.destroy();
    await expect(answers).resolves.toEqual(answersTo(asked));
  });
});

function message(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(letter), length, body]);
}

function startup(parameters: Record<string, string>): Buffer {
  const protocol = Buffer.from([0, 3, 0, 0]);
  const pairs = Object.entries(parameters)
    .flat()
    .map((text) => `${text}\0`);
  return message('', Buffer.concat([protocol, Buffer.from(`${pairs.join('')}\0`)]));
}
