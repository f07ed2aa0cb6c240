import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startGatehouse } from '../support/gatehouse.ts';
import { makePostgresServer } from '../support/postgres-server.ts';
import { live } from './constant-load.ts';
import { median } from './measure.ts';
import { plot } from './plot.ts';

export interface GrowthOptions {
  minutes: number;
  say(line: string): void;
}

/** What lay there at one moment. */
interface Look {
  seconds: number;
  /** Rows of the engine, in all tables. */
  rows: number;
  /** Bytes with indexes and dead rows: the tables of the engine, and the audit log. */
  engine: number;
  audit: number;
}

export interface Growth {
  looks: Look[];
  signIns: number;
}

/** One to ninety: of half an hour, twenty seconds; lifetimes are shortened about as much. */
const slotSeconds = 20;
const lifetimes = {
  GATEHOUSE_TTL_ACCESS_TOKEN: '15s',
  GATEHOUSE_TTL_AUTHORIZATION_CODE: '10s',
  GATEHOUSE_TTL_INTERACTION: '20s',
  GATEHOUSE_TTL_SESSION_IDLE: '30s',
  GATEHOUSE_TTL_SESSION_ABSOLUTE: '60s',
  GATEHOUSE_TTL_REFRESH_TOKEN_IDLE: '30s',
  GATEHOUSE_TTL_REFRESH_TOKEN_ABSOLUTE: '60s',
  GATEHOUSE_REFRESH_REPLAY_WINDOW: '5s',
  GATEHOUSE_JANITOR_INTERVAL: '1s',
};
/** What the server waits for between two rounds of vacuum is shortened, too; how it decides what needs one is not. */
const settings = { autovacuum_naptime: '2s' };
const preload = fileURLToPath(new URL('./short-slots-preload.ts', import.meta.url));
const picture = new URL('../../docs/performance/growth.svg', import.meta.url);

const perSecond = 4;

/** Watches the database while people sign in at a constant rate, longer than anything lives. */
export async function watchGrowth({ minutes, say }: GrowthOptions): Promise<Growth> {
  const postgres = await makePostgresServer({ settings });
  const env = { ...lifetimes, SLOT_SECONDS: String(slotSeconds), NODE_OPTIONS: `--import ${preload}` };
  const server = await startGatehouse({ database: postgres.database, env });
  const client = new pg.Client({ connectionString: postgres.database.superuserUrl });
  await client.connect();
  const load = await live(server, perSecond);
  const looks: Look[] = [];
  try {
    const began = performance.now();
    const seconds = (): number => (performance.now() - began) / 1000;
    while (seconds() < minutes * 60) {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      looks.push(await look(client, seconds()));
      const { rows, engine } = looks.at(-1) ?? { rows: 0, engine: 0 };
      say(
        `${Math.round(seconds())} s: ${rows} rows, ${(engine / 1e6).toFixed(1)} MB, ${load.done()} sign-ins`,
      );
    }
    return { looks, signIns: load.done() };
  } finally {
    await load.stop();
    await client.end();
    await server.kill9();
    await postgres.dispose();
  }
}

async function look(client: pg.Client, seconds: number): Promise<Look> {
  const { rows } = await client.query<Record<'rows' | 'engine' | 'audit', string>>(`
    select (select count(*) from oidc_artifact) + (select count(*) from short_lived_artifact)
        + (select count(*) from used_identifier) as rows,
      (select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r'
        and relname ~ '^(oidc_artifact|short_lived_artifact_\\d|used_identifier)$') as engine,
      pg_total_relation_size('audit_event') as audit`);
  const [found] = rows;
  return { seconds, rows: Number(found?.rows), engine: Number(found?.engine), audit: Number(found?.audit) };
}

/** The words for docs/performance.md; with `--write` it also draws the picture. */
export function describeGrowth({ looks, signIns }: Growth): string {
  const third = (part: number): Look[] =>
    looks.slice(Math.floor((looks.length * part) / 3), Math.floor((looks.length * (part + 1)) / 3));
  const middle = (part: number, of: 'rows' | 'engine'): number => median(third(part).map((each) => each[of]));
  const state = (part: number): string =>
    `${Math.round(middle(part, 'rows')).toLocaleString('en')} rows and ${(middle(part, 'engine') / 1e6).toFixed(1)} MB`;
  const minutes = Math.round((looks.at(-1)?.seconds ?? 0) / 60);
  if (process.argv.includes('--write')) draw(looks);
  return [
    `${signIns} sign-ins in ${minutes} minutes, each with what follows from it (see below). The tables of the engine held, as`,
    `medians, ${state(1)} in the second third of the time, ${state(2)} in the last.`,
    'The audit log grows with what happens: nothing removes its rows.',
    '',
    '![Rows and size of the database under constant load](performance/growth.svg)',
  ].join('\n');
}

function draw(looks: readonly Look[]): void {
  const line = (name: string, color: string, value: (each: Look) => number) => ({
    name,
    color,
    points: looks.map((each): [number, number] => [each.seconds / 60, value(each)]),
  });
  const svg = plot('minutes', [
    {
      title: 'MB on disk, with indexes and dead rows',
      lines: [
        line('tables of the engine', '#1b6ca8', ({ engine }) => engine / 1e6),
        line('audit log', '#b8651b', ({ audit }) => audit / 1e6),
      ],
    },
    { title: 'rows of the engine', lines: [line('rows', '#1b6ca8', ({ rows }) => rows)] },
  ]);
  mkdirSync(new URL('.', picture), { recursive: true });
  writeFileSync(picture, svg);
}
