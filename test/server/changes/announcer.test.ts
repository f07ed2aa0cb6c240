import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Announcer, makeAnnouncer } from '../../../server/changes/announcer.ts';

describe('changes are announced', () => {
  let events: string[];
  let announcer: Announcer;
  beforeEach(() => {
    events = [];
    announcer = makeAnnouncer(
      async (work) => {
        try {
          const result = await work();
          events.push('committed');
          return result;
        } catch (error) {
          events.push('undone');
          throw error;
        }
      },
      (topic) => events.push(`told ${topic}`),
    );
  });
  const write = async (): Promise<void> => {
    await Promise.resolve();
    announcer.changed('client');
    events.push('written');
  };

  it('after the commit, once, and before the caller goes on', async () => {
    await announcer.inTransaction(async () => {
      await write();
      await write();
    });
    events.push('answered');
    expect(events).toEqual(['written', 'written', 'committed', 'told client', 'answered']);
  });

  it('after the outermost of several transactions', async () => {
    await announcer.inTransaction(async () => {
      await announcer.inTransaction(write);
      events.push('more');
    });
    expect(events).toEqual(['written', 'committed', 'more', 'committed', 'told client']);
  });

  it('also when the transaction has failed, for it may have been committed all the same', async () => {
    const failing = announcer.inTransaction(async () => {
      await write();
      throw new Error('connection lost');
    });
    await expect(failing).rejects.toThrow('connection lost');
    expect(events).toEqual(['written', 'undone', 'told client']);
  });

  it('at once where there is no transaction', async () => {
    await write();
    expect(events).toEqual(['told client', 'written']);
  });

  it('not at all when nothing was changed', async () => {
    await announcer.inTransaction(async () => {});
    expect(events).toEqual(['committed']);
  });

  it('each with its own transaction, of several at the same time', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = announcer.inTransaction(async () => {
      await write();
      await gate.promise;
    });
    await announcer.inTransaction(async () => {});
    expect(events).toEqual(['written', 'committed']);
    gate.resolve();
    await slow;
    expect(events.slice(2)).toEqual(['committed', 'told client']);
  });

  it('not at all from a transaction that is undone on purpose', async () => {
    await announcer.inSilence(async () => {
      await announcer.inTransaction(write);
      await write();
    });
    expect(events).toEqual(['written', 'committed', 'written', 'committed']);
  });
});
