import pg from 'pg';
import type { Statement } from '../support/frontend-messages.ts';

/** A part of how PostgreSQL would do it; https://www.postgresql.org/docs/current/sql-explain.html */
export interface PlanNode {
  'Node Type': string;
  'Plan Rows': number;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Recheck Cond'?: string;
  Filter?: string;
  Operation?: string;
  Plans?: PlanNode[];
}

/** What PostgreSQL does not plan: it only begins, ends, sets or locks something. */
const unplanned = /^(?:begin|commit|rollback|savepoint|release|set |lock table|truncate|listen)\b/i;

export const isPlanned = ({ text }: Statement): boolean => !unplanned.test(text.trim());

export interface Planner {
  /** With the values that came with the statement, as the server has it planned. */
  withValues(statement: Statement): Promise<PlanNode>;
  /** For any values, as a pooler that keeps prepared statements has it planned. */
  generic(statement: Statement): Promise<PlanNode>;
  end(): Promise<void>;
}

interface Explained {
  'QUERY PLAN': [{ Plan: PlanNode }];
}

export async function openPlanner(url: string): Promise<Planner> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const planOf = ({ rows: [row] }: { rows: Explained[] }): PlanNode => {
    if (row === undefined) throw new Error('EXPLAIN has answered nothing');
    return row['QUERY PLAN'][0].Plan;
  };
  return {
    withValues: async ({ text, values }) =>
      planOf(await client.query<Explained>({ text: `explain (format json) ${text}`, values })),
    async generic({ text, values }) {
      await client.query(`prepare any_values as ${text}`);
      await client.query('set plan_cache_mode = force_generic_plan');
      try {
        const none = values.length === 0 ? '' : `(${values.map(() => 'null').join(', ')})`;
        return planOf(await client.query<Explained>(`explain (format json) execute any_values${none}`));
      } finally {
        await client.query('reset plan_cache_mode');
        await client.query('deallocate any_values');
      }
    },
    end: () => client.end(),
  };
}

/** Every part of the plan, with those that it works for. */
export function* partsOf(
  node: PlanNode,
  above: readonly PlanNode[] = [],
): Generator<{ node: PlanNode; above: readonly PlanNode[] }> {
  yield { node, above };
  for (const below of node.Plans ?? []) yield* partsOf(below, [...above, node]);
}
