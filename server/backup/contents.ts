/** One row: a JSON array with the text of each of the table's columns, `null` where it has none. Carried, never looked into. */
export type RowText = string;

export interface TableLayout {
  name: string;
  /** In the order of the texts of a row; without those that the database computes itself. */
  columns: string[];
  /** Of a partitioned table. Rows are read from and put into the table itself, which sorts them in. */
  partitions: PartitionLayout[];
}

export interface PartitionLayout {
  name: string;
  /** As PostgreSQL writes it: `FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`, `DEFAULT`. */
  bounds: string;
}

/** What a database holds besides its rows. */
export interface Layout {
  /** Numbers and names of the migrations that made its schema, in their order. */
  migrations: { number: number; name: string }[];
  tables: TableLayout[];
  /** The number that each sequence gave out last, as text; those that gave out none are missing. */
  sequences: Record<string, string>;
}

export interface RowBatch {
  table: string;
  rows: RowText[];
}

/** Everything that a database held at one moment. */
export interface Contents {
  layout: Layout;
  /** Every row of every table, table after table; from the start at each call. */
  batches(): AsyncIterable<RowBatch>;
}

/** Told how many more rows of a table are through. */
export type OnRows = (table: string, rows: number) => void;

/** A database that can be read as a whole. */
export interface ContentSource {
  /**
   * Calls `work` with what the database holds at one moment: what others write meanwhile MUST NOT be seen in any table.
   * Every table and column of the schema MUST be there, whoever added it. Nothing is changed.
   *
   * @throws StartError when the database has no schema
   */
  read<Result>(work: (contents: Contents) => Promise<Result>): Promise<Result>;
}

export interface FillReport {
  /** Rows by table. */
  tables: Record<string, number>;
  /** Tables that the schema of Gatehouse does not have: somebody else's, which stay behind. */
  leftOut: string[];
  /** The schema that the database has now. */
  schemaVersion: number;
}

/** A database that can be filled. */
export interface ContentTarget {
  /**
   * Fills an empty database, all or nothing: makes the schema that the contents had, puts in every row exactly as it was,
   * MUST compare number and content of the rows in each table with what it was given, sets the sequences, and brings the
   * schema to the newest version.
   *
   * @param beforeCommit is done when everything has arrived and only the commit is left
   * @throws StartError when the database is not empty, the schema is newer than this program or of another one, or what
   * arrived differs; nothing is kept then
   */
  fill(contents: Contents, onRows: OnRows, beforeCommit?: () => Promise<void>): Promise<FillReport>;
}
