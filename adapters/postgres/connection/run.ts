import type { Knex } from 'knex';
import type { Session } from './session.ts';
import type { SessionPool } from './session-pool.ts';
import type { Statements } from './statements.ts';

export interface RunDeps {
  pool: SessionPool;
  statements: Statements;
  transactions: { open(): Knex.Transaction | undefined };
}

/** What is used of the client of a transaction: it always gives the one session. */
interface TransactionClient {
  acquireConnection(): Promise<Session>;
}

/** Texts that are kept with their numbered placeholders. */
const most = 500;

/** Sends one statement as it stands, on the session of the open transaction if there is one; `?` stands for a value. */
export function makeRun({ pool, statements, transactions }: RunDeps) {
  const numbered = makeNumbered();

  async function ask<T>(
    session: Session,
    text: string,
    values: readonly unknown[],
    isInTransaction: boolean,
  ): Promise<T[]> {
    try {
      const { rows } = await statements.send(session, { text: numbered(text), values }, isInTransaction);
      return rows as T[];
    } catch (error) {
      throw statements.told(error, session, isInTransaction);
    }
  }

  return async <T>(text: string, values: readonly unknown[]): Promise<T[]> => {
    const transaction = transactions.open();
    if (transaction !== undefined) {
      const client: TransactionClient = transaction.client;
      return ask(await client.acquireConnection(), text, values, true);
    }
    const session = await pool.take();
    try {
      return await ask(session, text, values, false);
    } finally {
      pool.give(session);
    }
  };
}

/** `\?` is a question mark, as it is for knex. */
function makeNumbered(): (text: string) => string {
  const kept = new Map<string, string>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    let count = 0;
    const result = text.replaceAll(/\\?\?/g, (mark) => {
      if (mark.length > 1) return '?';
      count += 1;
      return `$${count}`;
    });
    if (kept.size < most) kept.set(text, result);
    return result;
  };
}
