import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { makeContext } from '../../server/cli/house.ts';
import type { OperatorHouse } from '../../server/cli/ports.ts';
import { aHouse } from './fake-house.ts';

const noBackups = () => Promise.reject(new Error('no command here needs backups'));

/** A context over a house whose database has the schema version `current` of 2; tells what happens to it. */
function aContext(current: number) {
  const { house } = aHouse();
  const happened: string[] = [];
  const watched: OperatorHouse = {
    ...house,
    migrations: {
      ...house.migrations,
      status: async () => ({ current, known: 2, migrations: [] }),
      async up() {
        happened.push('up');
        return [1, 2];
      },
    },
    async close() {
      happened.push('close');
    },
  };
  const terminal = { in: Readable.from([]), out: new PassThrough(), err: new PassThrough() };
  return { happened, context: makeContext(terminal, async () => async () => watched, noBackups) };
}

describe('the house that a command works in', () => {
  it.each([
    ['is new', 0, ['up', 'work', 'close']],
    ['fits', 2, ['work', 'close']],
  ])('has its schema before the work begins, when the database %s', async (_what, current, expected) => {
    const { context, happened } = aContext(current);
    await context.withHouse(async () => happened.push('work'));
    expect(happened).toEqual(expected);
  });

  it('is not entered when its schema is older, and not changed in passing', async () => {
    const { context, happened } = aContext(1);
    await expect(context.withHouse(async () => happened.push('work'))).rejects.toMatchObject({
      message: 'The database has schema version 1, this program needs 2.',
      remedy: 'Run: npx gatehouse migrate',
      exitCode: 1,
    });
    expect(happened).toEqual(['close']);
  });

  it('is left as it is for the commands that change its schema themselves', async () => {
    const { context, happened } = aContext(1);
    await context.withAnySchema(async () => happened.push('work'));
    expect(happened).toEqual(['work', 'close']);
  });

  it('is closed when the work fails', async () => {
    const { context, happened } = aContext(2);
    await expect(context.withHouse(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(happened).toEqual(['close']);
  });

  it('knows in whose name the work is done', () => {
    expect(aContext(2).context.operator).toEqual({ kind: 'operator', id: expect.any(String) });
  });
});
