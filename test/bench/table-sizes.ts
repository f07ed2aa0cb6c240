import pg from 'pg';

export interface TableSize {
  name: string;
  /** As the last ANALYZE has counted them. */
  rows: number;
  /** Bytes on disk, of the table and of its indexes. */
  heap: number;
  indexes: number;
}

/** What the tables with rows take, the largest first; partitions are one table. */
export async function tableSizes(superuserUrl: string): Promise<TableSize[]> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; rows: string; heap: string; indexes: string }>(`
      select coalesce(parent.relname, part.relname) as name, sum(part.reltuples) as rows,
        sum(pg_table_size(part.oid)) as heap, sum(pg_indexes_size(part.oid)) as indexes
      from pg_class part
      left join pg_inherits on inhrelid = part.oid left join pg_class parent on parent.oid = inhparent
      where part.relkind = 'r' and part.relnamespace = 'public'::regnamespace
      group by 1 having sum(part.reltuples) > 100 order by sum(pg_total_relation_size(part.oid)) desc`);
    return rows.map(({ name, ...counts }) => ({
      name,
      rows: Number(counts.rows),
      heap: Number(counts.heap),
      indexes: Number(counts.indexes),
    }));
  } finally {
    await client.end();
  }
}
