import type { Knex } from 'knex';
import type { Database } from '../connection/database.ts';

/** What it means to a caller when the database refuses a write because of a named constraint. */
const outcomes = {
  login_name_pkey: 'login_name_taken',
  username_skeleton_pkey: 'login_name_taken',
  account_role_role: 'role_not_found',
  role_pkey: 'role_name_taken',
  role_inclusion_contained: 'role_not_found',
  client_role_role: 'role_not_found',
  client_role_client: 'client_not_found',
  user_attribute_pkey: 'name_taken',
  user_attribute_claim: 'claim_taken',
  client_pkey: 'client_id_taken',
  resource_server_resource: 'resource_taken',
  invitation_client: 'client_not_found',
  sign_in_counter_account: 'account_gone',
} as const;

export type ConstraintOutcome = (typeof outcomes)[keyof typeof outcomes];

/**
 * Runs a write that may fail on a constraint. A refusal that the caller expects is returned, any other is thrown. Inside
 * a transaction the write has a savepoint, since PostgreSQL would otherwise refuse everything that follows.
 */
export async function attemptWrite<T, K extends ConstraintOutcome>(
  database: Database,
  expected: readonly K[],
  write: (db: Knex) => Promise<T>,
): Promise<T | { kind: K }> {
  const db = database.current();
  try {
    return await (db.isTransaction === true ? db.transaction((savepoint) => write(savepoint)) : write(db));
  } catch (error) {
    const outcome = outcomeOf(error);
    const kind = expected.find((candidate) => candidate === outcome);
    if (kind === undefined) throw error;
    return { kind };
  }
}

function outcomeOf(error: unknown): ConstraintOutcome | undefined {
  if (!(error instanceof Error) || !('constraint' in error)) return undefined;
  const found = Object.entries(outcomes).find(([constraint]) => constraint === error.constraint);
  return found?.[1];
}
