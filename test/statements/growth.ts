import { type PlanNode, partsOf } from './plan.ts';

/** Tables that may be read whole, and why they never grow with people or traffic. */
const small: Readonly<Record<string, string>> = {
  role: 'made by operators, a handful',
  role_permission: 'of those roles: all of them are kept in memory',
  role_inclusion: 'as above',
  user_attribute: 'made by operators, a hundred at most',
  signing_key: 'one for each algorithm and rotation',
  lease: 'one for each kind of work that one process does for all',
  change_mark: 'one for each topic',
  runtime_setting: 'one for each setting that was changed, at most as many as there are',
  schema_migration: 'one for each step of the schema',
  admin_link: 'at most one row, by its check',
  audit_head: 'one row, by its check',
  audit_known_start: 'one row, by its check',
  audit_sink: 'one for each kind of sink',
  audit_event_rest: 'empty while there is a partition for the month',
  audit_chain_rest: 'empty while there is a partition for the month',
  mailbox_message: 'in evaluation mode only, at most 500 rows',
};

/** Partitions for the months to come are empty. */
const isToCome = (table: string): boolean => {
  const [, month] = /^audit_(?:event|chain)_(\d{4}_\d{2})$/.exec(table) ?? [];
  return month !== undefined && month.replace('_', '-') > new Date().toISOString().slice(0, 7);
};

/** Rows that a statement may find by an index, where it does not stop after some. */
const most = 1000;

/** Parts that read no table, but what other parts have found. */
const ofOthers = ['CTE Scan', 'Subquery Scan', 'Values Scan', 'Function Scan', 'Tid Scan', 'WorkTable Scan'];

/** What of this plan would take longer the more rows there are. */
export function growingParts(plan: PlanNode): string[] {
  return [...partsOf(plan)].flatMap(({ node, above }) => {
    const { 'Node Type': kind, 'Relation Name': table = '', 'Plan Rows': rows } = node;
    if (!kind.endsWith('Scan') || ofOthers.includes(kind)) return [];
    if (table in small || isToCome(table) || table.startsWith('pg_')) return [];
    if (kind === 'Seq Scan') return [`${kind} on ${table}`];
    const stops = above.some((other) => other['Node Type'] === 'Limit');
    if (kind === 'Bitmap Heap Scan' || stops) return [];
    const index = node['Index Name'] ?? '';
    if (node['Index Cond'] === undefined) return [`${kind} of all of ${index}`];
    return rows > most ? [`${kind} of ${rows} rows of ${index}`] : [];
  });
}
