import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import type { Statement } from '../support/frontend-messages.ts';
import { artifactsOf, makeManyRows } from '../support/many-rows.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { growingParts } from './growth.ts';
import { isPlanned, openPlanner, type PlanNode, type Planner } from './plan.ts';
import { farLooks, farStatements } from './shards.ts';
import { type Tour, takeTour } from './tour.ts';

const amount = { accounts: 50_000, clients: 5000 };

/** Statements that may read more than what they are about, and why. */
const mayReadMore: readonly { part: string; reason: string }[] = [
  {
    part: 'with taken as (',
    reason: 'a role that is deleted is taken from all who have it, however many; an operator has said so',
  },
  {
    part: 'from "account_role" inner join "account"',
    reason:
      'whether there is an administrator, at the start: it ends at the first one, found by index with its value',
  },
  {
    part: 'not exists (select 1 from short_lived_artifact_',
    reason:
      'the janitor, before it empties a table: it ends at the first row that is alive, and reads all only of a table that is over, once',
  },
  {
    part: 'select max(work) as work from password_credential where scheme is not null',
    reason: 'at the start and after an import: it ends at the first entry of an index of what was imported',
  },
];

describe(`the plans of all statements, with ${artifactsOf(amount).toLocaleString('en')} rows of the engine`, () => {
  let tour: Tour;
  let planner: Planner;
  /** A database in which nothing is yet: plans of the first day are kept for a while. */
  let fresh: TestDatabase;
  let firstDay: Planner;
  /** By their texts, each with the first step that has sent it. */
  const statements = new Map<string, { step: string; statement: Statement }>();

  beforeAll(async () => {
    tour = await takeTour();
    await makeManyRows(tour.database.superuserUrl, amount);
    planner = await openPlanner(tour.database.superuserUrl);
    fresh = await makeFreshDatabase();
    firstDay = await openPlanner(fresh.superuserUrl);
    for (const { name, statements: sent } of tour.steps)
      for (const statement of sent.filter(isPlanned))
        if (!statements.has(statement.text)) statements.set(statement.text, { step: name, statement });
  }, 900_000);
  afterAll(async () => {
    await planner.end();
    await firstDay.end();
    await tour.database.drop();
    await fresh.drop();
  });

  async function findings(
    planOf: (statement: Statement) => Promise<PlanNode>,
    faultsOf: (plan: PlanNode, text: string) => string[],
  ): Promise<string[]> {
    const found: string[] = [];
    for (const { step, statement } of statements.values()) {
      const text = statement.text.replaceAll(/\s+/g, ' ');
      for (const fault of faultsOf(await planOf(statement), statement.text))
        found.push(`${fault}, in ${step}: ${text}`);
    }
    return found;
  }
  const growingIn = (plan: PlanNode, text: string): string[] =>
    mayReadMore.some(({ part }) => text.includes(part)) ? [] : growingParts(plan);
  const unused = (parts: readonly { part: string }[]): string[] =>
    parts
      .map(({ part }) => part)
      .filter((part) => ![...statements.keys()].some((text) => text.includes(part)));

  it('were made for the statements of every flow', () => {
    expect(statements.size).toBeGreaterThan(60);
  });

  describe('read no table whole that grows', () => {
    it('with the values of the flows', async () => {
      expect(await findings(planner.withValues, growingIn)).toEqual([]);
    });

    it('whatever the values are', async () => {
      // Where a pattern begins is what an index goes by; it is never planned without its value.
      const growing = (plan: PlanNode, text: string) =>
        text.includes(' like ') ? [] : growingIn(plan, text);
      expect(await findings(planner.generic, growing)).toEqual([]);
    });

    it('and have no exception that nothing needs any more', () => {
      expect(unused(mayReadMore)).toEqual([]);
    });

    it('which is noticed', async () => {
      const find = async (text: string, ...values: string[]) =>
        growingParts(await planner.withValues({ text, values }));
      expect(await find("select 1 from oidc_artifact where payload->>'uid' = $1", 'x')).toHaveLength(1);
      expect(await find('select 1 from oidc_artifact where model = $1', 'RefreshToken')).toHaveLength(1);
      expect(
        await find('select 1 from consent where agreed is not null order by account_id, client_id'),
      ).toHaveLength(1);
      expect(await find('select 1 from oidc_artifact where grant_id = $1', 'x')).toEqual([]);
    });
  });

  describe('on a database of many machines, ask no more than those of the rows that they name', () => {
    const beyond = (plan: PlanNode, text: string): string[] => {
      const may = farStatements.filter(({ part }) => text.includes(part)).flatMap(({ looks }) => looks);
      return farLooks(plan).filter((look) => !may.includes(look));
    };

    it('but for the ones that are listed', async () => {
      expect(await findings(planner.generic, beyond)).toEqual([]);
    });

    it('also when they are planned before there is anything', async () => {
      expect(await findings(firstDay.generic, beyond)).toEqual([]);
    });

    it('and none is listed that is not sent any more', () => {
      expect(unused(farStatements)).toEqual([]);
    });

    it('which is noticed', async () => {
      const looks = async (text: string) => farLooks(await planner.generic({ text, values: ['x'] }));
      expect(await looks('delete from oidc_artifact where grant_id = $1')).toEqual(['oidc_artifact all']);
      expect(await looks("delete from oidc_artifact where model = 'Grant' and id_hash = $1")).toEqual([]);
      expect(await looks('select 1 from short_lived_artifact where client_id = $1')).toEqual([
        'short_lived_artifact all',
      ]);
    });
  });
});

async function makeFreshDatabase(): Promise<TestDatabase> {
  const made = await createDatabase();
  const timeouts = { acquireTimeout: 10_000, connectTimeout: 10_000, statementTimeout: 10_000 };
  const database = openDatabase({ where: { kind: 'url', url: made.url }, poolMax: 1, ...timeouts });
  await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
  await database.close();
  return made;
}
