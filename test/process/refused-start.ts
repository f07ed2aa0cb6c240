import pg from 'pg';
import { cleanEnvironment, projectFolder } from '../support/gatehouse.ts';
import { startKept } from '../support/kept-process.ts';

export interface RefusedStart {
  code: number;
  stdout: string;
  /** What went to standard error, line by line. */
  lines: string[];
  /** Seconds until it had ended. */
  seconds: number;
}

/** Starts the real server, which is expected to end by itself, with exactly these settings. */
export async function startToRefusal(settings: Record<string, string>): Promise<RefusedStart> {
  const began = performance.now();
  const server = startKept(process.execPath, ['server/start.js'], {
    cwd: projectFolder,
    env: cleanEnvironment(settings),
  });
  const code = await server.ended;
  const seconds = (performance.now() - began) / 1000;
  return { code, stdout: server.stdout(), lines: server.stderr().trimEnd().split('\n'), seconds };
}

/** How many rows each table has; empty while there is no schema. */
export async function countRows(url: string): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of rows) {
      const { rows: found } = await client.query<{ count: string }>(`select count(*) from "${name}"`);
      counts[name] = Number(found[0]?.count);
    }
    return counts;
  } finally {
    await client.end();
  }
}
