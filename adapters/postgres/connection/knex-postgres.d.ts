/** What we use of knex's client for PostgreSQL, which it has no declarations for: the seams that pooled-client.ts takes. */
declare module 'knex/lib/dialects/postgres/index.js' {
  import type { Knex } from 'knex';

  export default class PostgresClient extends Knex.Client {
    /** Whether it is the client of one transaction. */
    transacting?: boolean;
    /** Sends one statement and resolves with `statement`, which then has its `response`. */
    _query(
      connection: unknown,
      statement: { sql: string },
    ): Promise<{ response: { command: string | null } }>;
    override acquireConnection(): Promise<unknown>;
    override query(connection: unknown, statement: unknown): Promise<unknown>;
  }
}
