import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import {
  type ClientError,
  type ClientErrorStore,
  keptSamples,
} from '../../server/clients/refusals/client-error.ts';
import { aWord, someTime } from './builders.ts';

export interface ClientErrorStoreUnderTest {
  clientErrors: ClientErrorStore;
  database: Database;
}

const plus = (seconds: number): Date => new Date(someTime.getTime() + seconds * 1000);

function anError(overrides: Partial<ClientError> = {}): ClientError {
  return {
    id: aWord(),
    clientId: 'app',
    code: 'secret_wrong',
    endpoint: 'token',
    error: 'invalid_client',
    isCollective: false,
    facts: { sent_uri: 'https://app.example/?a=***' },
    count: 1,
    firstSeenAt: someTime,
    lastSeenAt: someTime,
    samples: [{ at: someTime, requestId: aWord(), facts: { seconds: 42 } }],
    ...overrides,
  };
}

/** The promises of the port ClientErrorStore. */
export function describeClientErrorStore(name: string, open: () => ClientErrorStoreUnderTest): void {
  describe(`${name}: refusals of clients`, () => {
    let store: ClientErrorStore;
    let database: Database;
    beforeAll(() => {
      ({ clientErrors: store, database } = open());
    });
    beforeEach(() => database.current()('client_error').delete());

    const ids = async (query: Partial<Parameters<ClientErrorStore['list']>[0]> = {}) =>
      (await store.list({ limit: 50, ...query })).items.map(({ id }) => id);

    it('gives back what was put in', async () => {
      const error = anError();
      await store.add([error]);
      await expect(store.find(error.id)).resolves.toEqual(error);
      await expect(store.find(aWord())).resolves.toBeUndefined();
      await expect(store.add([])).resolves.toBeUndefined();
    });

    it('counts on top, and keeps the newest samples', async () => {
      const error = anError({ count: 3 });
      const newer = Array.from({ length: keptSamples - 1 }, () => ({
        at: plus(5),
        requestId: aWord(),
        facts: {},
      }));
      const older = { at: plus(-5), requestId: aWord(), facts: {} };
      await store.add([error]);
      await store.add([{ ...error, count: 9, firstSeenAt: plus(4), lastSeenAt: plus(5), samples: newer }]);
      await store.add([
        { ...error, firstSeenAt: plus(-5), lastSeenAt: plus(-5), samples: [older, ...error.samples] },
      ]);
      await expect(store.find(error.id)).resolves.toEqual({
        ...error,
        count: 15,
        firstSeenAt: plus(-5),
        lastSeenAt: plus(5),
        samples: [...newer, ...error.samples],
      });
    });

    it('loses none of what many add to the same ones at once', async () => {
      const errors = Array.from({ length: 20 }, () => anError());
      await Promise.all(
        Array.from({ length: 12 }, (_each, turn) => store.add(turn % 2 === 0 ? errors : errors.toReversed())),
      );
      const { items } = await store.list({ limit: 50 });
      expect(items.map(({ count }) => count)).toEqual(errors.map(() => 12));
    });

    it('lists the latest first, page by page', async () => {
      const errors = [0, 0, 10, 20, 30].map((at) => anError({ firstSeenAt: plus(at) }));
      await store.add(errors);
      const expected = errors
        .toSorted((a, b) => b.firstSeenAt.getTime() - a.firstSeenAt.getTime() || (a.id < b.id ? 1 : -1))
        .map(({ id }) => id);
      const seen: string[] = [];
      for (let place: string | null | undefined; place !== null; ) {
        const page = await store.list({ limit: 2, after: place ?? undefined });
        seen.push(...page.items.map(({ id }) => id));
        place = page.next;
      }
      expect(seen).toEqual(expected);
      await expect(store.list({ limit: 2, after: 'elsewhere' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });

    it('finds by client, kind, place, time, id and request', async () => {
      const mine = anError({ clientId: 'mine', endpoint: 'par' });
      const nobodys = anError({ clientId: null, code: 'client_unknown' });
      const late = anError({ firstSeenAt: plus(100), lastSeenAt: plus(100) });
      await store.add([mine, nobodys, late]);
      const requestId = nobodys.samples[0]?.requestId ?? '';
      await expect(ids({ clientId: 'mine' })).resolves.toEqual([mine.id]);
      await expect(ids({ clientId: null })).resolves.toEqual([nobodys.id]);
      await expect(ids({ code: 'client_unknown' })).resolves.toEqual([nobodys.id]);
      await expect(ids({ endpoint: 'par' })).resolves.toEqual([mine.id]);
      await expect(ids({ since: plus(50) })).resolves.toEqual([late.id]);
      await expect(ids({ until: plus(50), clientId: 'mine' })).resolves.toEqual([mine.id]);
      await expect(ids({ ids: [late.id, aWord()] })).resolves.toEqual([late.id]);
      await expect(ids({ ids: [] })).resolves.toEqual([]);
      await expect(ids({ requestId })).resolves.toEqual([nobodys.id]);
      await expect(ids({ requestId: aWord() })).resolves.toEqual([]);
    });

    it('forgets what began before a time, so many at once', async () => {
      const old = [1, 2, 3].map((at) => anError({ firstSeenAt: plus(at) }));
      const kept = anError({ firstSeenAt: plus(10) });
      await store.add([...old, kept]);
      await expect(store.forgetOld(plus(10), 2)).resolves.toBe(2);
      await expect(store.forgetOld(plus(10), 2)).resolves.toBe(1);
      await expect(store.forgetOld(plus(10), 2)).resolves.toBe(0);
      await expect(ids()).resolves.toEqual([kept.id]);
    });
  });
}
