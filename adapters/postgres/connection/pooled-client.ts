import type { Knex } from 'knex';
import PostgresClient from 'knex/lib/dialects/postgres/index.js';
import type { Session } from './session.ts';
import type { SessionPool } from './session-pool.ts';
import type { Answer, Statements } from './statements.ts';

export interface PooledClientDeps {
  pool: SessionPool;
  statements: Statements;
}

/** As knex hands it on to its client, and gets it back with the answer. */
interface KnexStatement {
  sql: string;
  bindings?: readonly unknown[];
}

/**
 * knex's client for PostgreSQL on our sessions. knex makes the client of a transaction without a constructor, so nothing is
 * kept on `this`.
 */
export function makePooledClient({ pool, statements }: PooledClientDeps): typeof Knex.Client {
  return class PooledClient extends PostgresClient {
    override acquireConnection(): Promise<Session> {
      return pool.take();
    }

    override async releaseConnection(session: Session): Promise<void> {
      pool.give(session);
    }

    /** Translates here and not in `_query`: in between, knex puts the statement in front of the error's message. */
    override async query(session: Session, statement: unknown): Promise<unknown> {
      try {
        return await super.query(session, statement);
      } catch (error) {
        throw statements.told(error, session, this.transacting === true);
      }
    }

    override async _query(session: Session, statement: KnexStatement): Promise<{ response: Answer }> {
      const { sql: text, bindings: values = [] } = statement;
      const response = await statements.send(session, { text, values }, this.transacting === true);
      return Object.assign(statement, { response });
    }
  };
}
