import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeEnvelope } from '../../adapters/crypto/envelope.ts';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeKnownStart } from '../../adapters/postgres/stores/known-start.ts';
import type { Actor, AuditEvent, AuditLog } from '../../server/audit/event.ts';
import { makeNoteSchema, makeNoteStart } from '../../server/audit/note-start.ts';

const by: Actor = { kind: 'system' };
const secret = { PASSWORD: 'hash of one' };

/** What is noted of settings and schema at a start, with the promises of the port KnownStart. */
export function describeKnownStart(name: string, open: () => { database: Database }): void {
  describe(`${name}: settings and schema as the log knows them`, () => {
    let database: Database;
    let events: AuditEvent[];
    const audit: AuditLog = { append: async (event) => void events.push(event) };
    const noting = (key = Buffer.alloc(32, 1)) => {
      const knownStart = makeKnownStart(database, makeEnvelope([{ id: 'tests', key }]));
      const deps = { knownStart, audit, inTransaction: database.inTransaction };
      return { noteStart: makeNoteStart(deps), noteSchema: makeNoteSchema(deps) };
    };
    beforeAll(() => {
      ({ database } = open());
    });
    beforeEach(async () => {
      events = [];
      await database.run(
        "update audit_known_start set settings = '{}', secrets_encrypted = null, migrations = '{}'",
        [],
      );
    });

    it('are told once, in full at the first start, and then what differs', async () => {
      const { noteStart } = noting();
      await noteStart({ settings: { A: '1', B: null }, secrets: secret, by });
      expect(events).toMatchObject([
        { type: 'schema.migrated', applied: expect.arrayContaining([1, 97]), undone: [] },
        { type: 'config.changed', change: { after: { A: '1', PASSWORD: '[hidden, another one]' } } },
      ]);
      await noteStart({ settings: { A: '1', B: null, NEW: null }, secrets: secret, by });
      expect(events).toHaveLength(2);
      await noteStart({ settings: { A: '2', B: null }, secrets: { PASSWORD: 'hash of another' }, by });
      expect(events.slice(2)).toEqual([
        {
          type: 'config.changed',
          change: {
            before: { A: '1', PASSWORD: '[hidden]' },
            after: { A: '2', PASSWORD: '[hidden, another one]' },
          },
        },
      ]);
    });

    it('hold no hash of a secret that somebody with the database could try out', async () => {
      await noting().noteStart({ settings: {}, secrets: secret, by });
      const rows = await database.run('select * from audit_known_start', []);
      expect(JSON.stringify([rows, events])).not.toContain('hash of one');
    });

    it('tell secrets as changed when it cannot be read any more what they were', async () => {
      await noting().noteStart({ settings: {}, secrets: secret, by });
      events = [];
      await noting(randomBytes(32)).noteStart({ settings: {}, secrets: secret, by });
      expect(events).toMatchObject([{ change: { after: { PASSWORD: '[hidden, another one]' } } }]);
    });

    it('are told by one of several servers that start at the same time', async () => {
      const { noteStart } = noting();
      await Promise.all(
        Array.from({ length: 6 }, () => noteStart({ settings: { A: '1' }, secrets: {}, by })),
      );
      expect(events.filter(({ type }) => type === 'config.changed')).toHaveLength(1);
    });

    it('tell of a schema that others have changed, also when whoever did it died before it was told', async () => {
      const { noteStart, noteSchema } = noting();
      await noteStart({ settings: {}, secrets: {}, by });
      events = [];
      await database.run("update audit_known_start set migrations = '{1,9999}'", []);
      await noteSchema(by);
      expect(events).toMatchObject([{ applied: expect.arrayContaining([2, 97]), undone: [9999] }]);
      await noteSchema(by);
      expect(events).toHaveLength(1);
    });

    it('are noted together with the event, or not at all', async () => {
      const failing: AuditLog = { append: () => Promise.reject(new Error('on purpose')) };
      const knownStart = makeKnownStart(database, makeEnvelope([{ id: 'tests', key: Buffer.alloc(32, 1) }]));
      const note = makeNoteStart({ knownStart, audit: failing, inTransaction: database.inTransaction });
      await expect(note({ settings: { A: '1' }, secrets: {}, by })).rejects.toThrow('on purpose');
      await noting().noteStart({ settings: { A: '1' }, secrets: {}, by });
      expect(events).toHaveLength(2);
    });
  });
}
