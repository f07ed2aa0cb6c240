import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientError } from '../../../../server/clients/refusals/client-error.ts';
import { makeErrorIds } from '../../../../server/clients/refusals/error-ids.ts';
import {
  makeNoteRefusals,
  type NoteRefusals,
  type Refusal,
} from '../../../../server/clients/refusals/note-refusals.ts';
import { randomIds } from '../../../../server/ids.ts';

const start = new Date('2026-03-01T12:00:00Z');

const aRefusal = (overrides: Partial<Refusal> = {}): Refusal => ({
  clientId: 'app',
  claimedClientId: 'app',
  code: 'secret_wrong',
  endpoint: 'token',
  error: 'invalid_client',
  facts: {},
  varying: {},
  requestId: 'request',
  ...overrides,
});

describe('noting why clients are refused', () => {
  let now: Date;
  let written: ClientError[];
  let failure: Error | undefined;
  let statements: number;
  let notes: NoteRefusals;
  beforeEach(() => {
    [now, written, failure, statements] = [start, [], undefined, 0];
    notes = makeNoteRefusals({
      clientErrors: {
        async add(errors) {
          statements += 1;
          if (failure !== undefined) throw failure;
          written.push(...errors);
        },
      },
      isRegistered: async (id) => id === 'registered',
      clock: { now: () => now },
      log: { warn() {} },
      limits: {
        strangers: { most: 3, perHour: 6 },
        client: { most: 2, perHour: 60 },
        allClients: { most: 5, perHour: 60 },
        collective: { most: 2, perHour: 0 },
      },
    });
  });

  it('counts the same reason in one entry, and keeps what was different', async () => {
    const ids = [1, 2, 3].map((seconds) => notes.note(aRefusal({ varying: { seconds } })));
    await notes.flush();
    expect(new Set(ids).size).toBe(1);
    expect(written).toMatchObject([
      { id: ids[0], count: 3, samples: [{ facts: { seconds: 3 } }, { facts: { seconds: 2 } }, {}] },
    ]);
  });

  it('writes once what was noted many times, and nothing when nothing was', async () => {
    for (let turn = 0; turn < 1000; turn += 1) notes.note(aRefusal());
    await notes.flush();
    await notes.flush();
    expect([statements, written]).toEqual([1, [expect.objectContaining({ count: 1000 })]]);
    expect(written[0]?.samples).toHaveLength(10);
  });

  it('begins another entry for another client, reason, place, fact, and hour', () => {
    const id = notes.note(aRefusal());
    expect(notes.note(aRefusal({ clientId: 'other' }))).not.toBe(id);
    now = new Date(start.getTime() + 600_000);
    expect(notes.note(aRefusal())).toBe(id);
    expect(notes.note(aRefusal({ facts: { issuer: 'x' } }))).not.toBe(id);
    now = new Date(start.getTime() + 3_600_000);
    expect(notes.note(aRefusal())).not.toBe(id);
  });

  it('is one entry for all processes', () => {
    const other = makeNoteRefusals({
      clientErrors: { add: async () => {} },
      isRegistered: async () => false,
      clock: { now: () => now },
      log: { warn() {} },
      limits: {
        strangers: { most: 1, perHour: 0 },
        client: { most: 1, perHour: 0 },
        allClients: { most: 1, perHour: 0 },
        collective: { most: 0, perHour: 0 },
      },
    });
    expect(other.note(aRefusal())).toBe(notes.note(aRefusal()));
  });

  it('gives what was refused before its client was known to that client', async () => {
    notes.note(aRefusal({ clientId: null, claimedClientId: 'registered', code: 'authentication_ambiguous' }));
    notes.note(aRefusal({ clientId: null, claimedClientId: 'stranger', code: 'authentication_ambiguous' }));
    await notes.flush();
    expect(written.map(({ clientId }) => clientId)).toEqual(['registered', null]);
    expect(written[0]).not.toHaveProperty('claimed');
  });

  it('begins no more for strangers than it may, and counts the rest by kind', async () => {
    for (let n = 0; n < 10_000; n += 1)
      notes.note(
        aRefusal({
          clientId: null,
          claimedClientId: `id-${n}`,
          code: 'client_unknown',
          facts: { client_id: `id-${n}` },
        }),
      );
    await notes.flush();
    expect(written).toHaveLength(4);
    expect(written.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
    const [rest] = written.filter(({ isCollective }) => isCollective);
    expect(rest).toMatchObject({ count: 9997, clientId: null, facts: {} });
    expect(rest?.samples[0]?.facts).toEqual({ client_id: 'id-9999' });
  });

  it('keeps the clients apart also beyond it, as far as that goes, and strangers from taking what is theirs', async () => {
    for (let n = 0; n < 100; n += 1)
      notes.note(aRefusal({ clientId: null, claimedClientId: null, facts: { n } }));
    for (const clientId of ['one', 'two', 'three', 'four', 'five', 'six'])
      for (let n = 0; n < 50; n += 1) notes.note(aRefusal({ clientId, facts: { n } }));
    await notes.flush();
    const collective = written.filter(({ isCollective }) => isCollective);
    expect(collective.map(({ clientId }) => clientId)).toEqual([null, 'one']);
    expect(written.filter(({ clientId }) => clientId === 'two')).toHaveLength(2);
    expect(written.reduce((sum, { count }) => sum + count, 0)).toBe(400);
    expect(written.length).toBeLessThanOrEqual(3 + 5 + 2 + 1);
  });

  it('keeps what could not be written, and adds it to what comes after', async () => {
    notes.note(aRefusal());
    failure = new Error('no database');
    await notes.flush();
    notes.note(aRefusal());
    failure = undefined;
    await notes.flush();
    expect(written).toMatchObject([{ count: 2 }]);
  });
});

describe('the id of an error page', () => {
  const keys = ['new', 'old'].map((id) => ({ id, key: Buffer.alloc(32, id) }));
  const ids = makeErrorIds(keys, () => randomIds.id());
  const entry = Buffer.alloc(10, 'entry').toString('base64url');

  it('leads to its entry, and has nothing in common with another of the same', () => {
    const made = Array.from({ length: 1000 }, () => ids.make(entry));
    expect(new Set(made).size).toBe(1000);
    for (const id of made) {
      expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(ids.entriesOf(id)).toContain(entry);
    }
    expect(new Set(made.map((id) => id.slice(0, 3))).size).toBeGreaterThan(900);
  });

  it('leads there also when its key was replaced meanwhile', () => {
    const before = makeErrorIds(keys.slice(1), () => randomIds.id());
    expect(ids.entriesOf(before.make(entry))).toContain(entry);
    expect(before.entriesOf(ids.make(entry))).not.toContain(entry);
  });

  it('leads nowhere when nobody has made it', () => {
    expect(ids.entriesOf('short')).toEqual([]);
    expect(ids.entriesOf('A'.repeat(22))).not.toContain(entry);
  });
});
