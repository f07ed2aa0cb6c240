import { registerService } from '../flows/protocol/app.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { accessTokenOf, artifactsOf, makeManyRows, refreshTokenOf } from '../support/many-rows.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { makePostgresServer } from '../support/postgres-server.ts';
import { type StatementTap, startStatementTap } from '../support/statement-tap.ts';
import { type DatabaseMeter, openDatabaseMeter } from './database-use.ts';
import { table } from './document.ts';
import { begin, spentOn } from './flow-cost.ts';
import { type Flow, flows, form, type Held, happen, type Measured, publicForm } from './flows.ts';
import { median } from './measure.ts';
import { prepareServer } from './our-server.ts';
import { type TableSize, tableSizes } from './table-sizes.ts';

export interface LargeOptions {
  /** Of the large database; 20 rows of the engine hang from each. */
  accounts: number;
  say(line: string): void;
}

interface Cost {
  /** Milliseconds of CPU, of the server and of PostgreSQL. */
  gatehouse: number[];
  database: number[];
  statements: number[];
}

export interface LargeCost {
  rows: { small: number; large: number };
  flows: { name: string; small: Cost; large: Cost }[];
  sizes: TableSize[];
}

interface Side {
  accounts: number;
  server: RunningGatehouse;
  target: Measured;
  guard: Measured;
  tap: StatementTap;
  meter: DatabaseMeter;
  /** Accounts whose tokens were not used yet are further up. */
  next: number;
}

const clients = 2000;
/** Together with the rounds that warm up no more than the smaller database has accounts: a refresh token is used once. */
const [rounds, perRound] = [15, 50];
/** As PostgreSQL is given memory where it has so much to keep; the same for both. */
const settings = {
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  maintenance_work_mem: '512MB',
};

/** The same requests on a database with many rows and on one with few, on one PostgreSQL, in turn. */
export async function measureLarge({ accounts, say }: LargeOptions): Promise<LargeCost> {
  const postgres = await makePostgresServer({ settings });
  const sides: Side[] = [];
  try {
    for (const [name, amount] of [
      ['few', 1000],
      ['many', accounts],
    ] as const)
      sides.push(await prepareSide(await makeDatabase(postgres.database, name), amount, say));
    const [small, large] = sides;
    if (small === undefined || large === undefined) throw new Error('both sides are needed');
    const measured = [...flows, ...scattered(small, large)];
    const costs = measured.map(({ name }) => ({ name, small: noCost(), large: noCost() }));
    for (let round = -2; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`);
      const held = new Map<Side, Held>();
      for (const side of sides) held.set(side, await begin(side.target, perRound));
      for (const [index, flow] of measured.entries())
        for (const [side, kept] of [
          [small, costs[index]?.small],
          [large, costs[index]?.large],
        ] as const)
          await measureOne(flow, side, held.get(side), round < 0 ? undefined : kept);
      for (const side of sides) side.next += perRound;
    }
    const rows = { small: artifactsOf({ accounts: 1000 }), large: artifactsOf({ accounts }) };
    return { rows, flows: costs, sizes: await tableSizes(urlOf(large)) };
  } finally {
    for (const { server, tap, meter } of sides) {
      await server.kill9();
      await meter.end();
      await tap.close();
    }
    await postgres.dispose();
  }
}

async function makeDatabase(template: TestDatabase, name: string): Promise<TestDatabase> {
  await query(template.superuserUrl, `create database ${name} owner gatehouse template template0`);
  const named = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  return { url: named(template.url), superuserUrl: named(template.superuserUrl), drop: async () => {} };
}

async function prepareSide(
  database: TestDatabase,
  accounts: number,
  say: LargeOptions['say'],
): Promise<Side> {
  const tap = await startStatementTap(Number(new URL(database.url).port));
  // What the janitor does has nothing to do with these requests.
  const env = { GATEHOUSE_DATABASE_URL: tap.urlOf(database.url), GATEHOUSE_JANITOR_INTERVAL: '1d' };
  const server = await startGatehouse({ database, env });
  const target = await prepareServer(server);
  const { registration } = await registerService(server, { introspection_scope: 'any' });
  await makeManyRows(database.superuserUrl, { accounts, clients }, (done) =>
    say(`${done.toLocaleString('en')} of ${accounts.toLocaleString('en')} accounts`),
  );
  const guard = { ...target, clientId: registration.clientId, clientSecret: registration.clientSecret ?? '' };
  const meter = await openDatabaseMeter(database.superuserUrl);
  return { accounts, server, target, guard, tap, meter, next: 0 };
}

/** Tokens of accounts from all over the tables, each used once; the stride has no divisor in common with either amount. */
function scattered(...sides: Side[]): Flow[] {
  const accountsOf = (target: Measured): number[] => {
    const side = sides.find((each) => each.target === target);
    if (side === undefined) throw new Error('a target of another measurement');
    return Array.from({ length: perRound }, (_, index) => 1 + (((side.next + index) * 7919) % side.accounts));
  };
  const guardOf = (target: Measured): Measured =>
    sides.find((side) => side.target === target)?.guard ?? target;
  return [
    {
      name: 'introspection, tokens from all over',
      shots: (target) =>
        accountsOf(target).map((account) =>
          form(guardOf(target), 'introspect', { token: accessTokenOf(account) }),
        ),
    },
    {
      name: 'refresh, tokens from all over',
      shots: (target) =>
        accountsOf(target).map((account) => {
          const { token, clientId } = refreshTokenOf(account, clients);
          const fields = { grant_type: 'refresh_token', refresh_token: token, client_id: clientId };
          return publicForm(target.base, 'token', fields);
        }),
    },
  ];
}

const noCost = (): Cost => ({ gatehouse: [], database: [], statements: [] });

async function measureOne(
  flow: Flow,
  side: Side,
  held: Held | undefined,
  kept: Cost | undefined,
): Promise<void> {
  if (held === undefined) throw new Error('nothing to measure with');
  const before = side.tap.statements().length;
  const { gatehouse, database } = await spentOn(perRound, side.server.pid, side.meter, () =>
    happen(flow, side.target, held),
  );
  const sent = side.tap.statements().slice(before);
  kept?.gatehouse.push(gatehouse);
  kept?.database.push(database);
  kept?.statements.push(sent.filter(({ text }) => !text.includes('from change_mark')).length / perRound);
}

const urlOf = ({ server: { database } }: Side): string =>
  database === 'embedded' ? '' : database.superuserUrl;

export function describeLarge({ rows, flows: measured, sizes }: LargeCost): string {
  const columns = ['one request', 'bar', 'CPU, many beside few', 'CPU', 'CPU of PostgreSQL', 'statements'];
  const two = (small: number[], large: number[], digits: number): string =>
    `${median(small).toFixed(digits)} and ${median(large).toFixed(digits)}`;
  const lines = measured.map(({ name, small, large }) => {
    const ratios = large.gatehouse.map((cost, index) => cost / (small.gatehouse[index] ?? Number.NaN));
    return [
      name,
      '1.2 times, the same statements',
      `${median(ratios).toFixed(2)} times`,
      `${two(small.gatehouse, large.gatehouse, 2)} ms`,
      `${two(small.database, large.database, 2)} ms`,
      two(small.statements, large.statements, 1),
    ];
  });
  const [few, many] = [rows.small.toLocaleString('en'), rows.large.toLocaleString('en')];
  const head = `Few: ${few} rows of the engine, many: ${many} rows. Medians of ${rounds} rounds of ${perRound} requests.`;
  const sizeLines = sizes.map(({ name, rows: count, heap, indexes }) => [
    `\`${name}\``,
    count.toLocaleString('en'),
    `${Math.round(heap / count)}`,
    `${Math.round(indexes / count)}`,
    `${((heap + indexes) / 1e9).toFixed(2)} GB`,
  ]);
  const sizeTable = table(['table', 'rows', 'bytes a row', 'of its indexes', 'together'], sizeLines);
  return `${head}\n\n${table(columns, lines)}\n\n${sizeTable}`;
}
