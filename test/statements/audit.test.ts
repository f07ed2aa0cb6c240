import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { elsewhere, notState } from './not-state.ts';
import type { Step } from './recorder.ts';
import { type Tour, takeTour } from './tour.ts';

/** Tables that a statement writes to. */
const written = /(?:insert into|update|delete from|truncate)\s+(?:only\s+)?"?([a-z_]+)"?/gi;

/** What begins and ends between a begin and its commit; a statement outside of one stands for itself. */
function transactionsOf({ statements }: Step): string[][] {
  const all: string[][] = [];
  let open: string[] | undefined;
  for (const { text } of statements) {
    const word = text.trim().toLowerCase();
    if (word.startsWith('begin')) open = [];
    else if (word.startsWith('commit')) {
      if (open !== undefined) all.push(open);
      open = undefined;
    } else if (word.startsWith('rollback') && !word.startsWith('rollback to')) open = undefined;
    else if (open === undefined) all.push([text]);
    else open.push(text);
  }
  return all;
}

/** When something was used last is no change of it. */
const isUse = /set (?:"?\w+"?\.)?"?last_used_at/i;

const tablesIn = (texts: readonly string[]): string[] => [
  ...new Set(
    texts
      .flatMap((text) => [...text.matchAll(written)].map(([, table = '']) => table.toLowerCase()))
      // `for update of`, `do update set`, `for update skip locked`
      .filter((table) => !['of', 'set', 'skip', 'nowait'].includes(table)),
  ),
];

describe('whatever people, clients and operators do', () => {
  let tour: Tour;
  let tables: string[];
  let log: string;
  beforeAll(async () => {
    tour = await takeTour();
    const client = new pg.Client({ connectionString: tour.database.url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
    );
    tables = rows.map(({ name }) => name);
    const events = await client.query(
      "select to_jsonb(e) - array['salt', 'personal_hash', 'seal'] as event from audit_event e",
    );
    log = JSON.stringify(events.rows);
    await client.end();
  }, 240_000);
  afterAll(() => tour.database.drop());

  const changes = () =>
    tour.steps.flatMap((step) =>
      // What the janitor removes was over before: its end was told when it was set.
      (step.name === 'janitor' ? [] : transactionsOf(step)).flatMap((texts) => {
        const all = tablesIn(texts.filter((text) => !isUse.test(text)));
        const state = all.filter((table) => tables.includes(table) && !(table in notState));
        return [{ step: step.name, state, isTold: all.includes('audit_event') }];
      }),
    );

  it('changes nothing without an event in the same transaction', () => {
    const silent = changes().filter(({ state, isTold }) => state.length > 0 && !isTold);
    expect(silent.map(({ step, state }) => `${step}: ${state.join(', ')}`)).toEqual([]);
  });

  it('is followed here into every table that keeps something', () => {
    const seen = new Set(changes().flatMap(({ state }) => state));
    const missing = tables.filter(
      (table) => !(table in notState) && !(table in elsewhere) && !seen.has(table),
    );
    expect(missing).toEqual([]);
  });

  it('and no table is excepted that is not there', () => {
    expect(Object.keys({ ...notState, ...elsewhere }).filter((table) => !tables.includes(table))).toEqual([]);
  });

  it('says no password, and but for public keys nothing that is as long as a token, a code or a secret', () => {
    expect(log).toContain('password.changed');
    for (const password of ['correct horse', 'seven otters', 'nine herons', 'not the password'])
      expect(log).not.toContain(password);
    expect(
      [...log.matchAll(/(?<!"(?:kid|x|y)":")(?<![\w-])(?!GATEHOUSE_)[\w-]{43,}/g)].map(({ index }) =>
        log.slice(index - 30, index + 50),
      ),
    ).toEqual([]);
  });
});
