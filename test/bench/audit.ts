import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { type Database, openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { makeChainStore } from '../../adapters/postgres/stores/audit-chain.ts';
import { makeAuditLog, toSealedRow } from '../../adapters/postgres/stores/audit-log.ts';
import { makeVerificationSource } from '../../adapters/postgres/stores/audit-verification.ts';
import { makeExtendChain } from '../../server/audit/chain/extend.ts';
import { makeVerifyAudit } from '../../server/audit/chain/verify.ts';
import type { AuditEvent } from '../../server/audit/event.ts';
import { systemClock } from '../../server/clock.ts';
import { startKept } from '../support/kept-process.ts';
import { makePostgresServer } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { table } from './document.ts';
import { cpuOf, residentOf } from './measure.ts';
import { measureSignIn } from './sign-in-cost.ts';

export interface AuditFigures {
  /** Events a second of four processes, all of them kept, and seconds that the oldest has waited for its place at most. */
  rate: number;
  lag: number;
  found: number;
  /** Rows, seconds and MB of a verification. */
  rows: number;
  seconds: number;
  resident: number;
  /** Milliseconds of CPU for one event, in this process and in the database's; and for a sign-in in the server's. */
  event: number;
  eventInDatabase: number;
  signIn: number;
}

const program = fileURLToPath(new URL('../process/audit-writer.ts', import.meta.url));
const key = randomBytes(32);
const keys = makeAuditKeys([{ id: 'tests', key }]);
const event: AuditEvent = {
  type: 'signin.succeeded',
  accountId: 'f3iZ0q9yTn2l7VbX1cQwEg',
  clientId: 'shop',
  amr: ['pwd'],
};
const by = {
  kind: 'account',
  id: 'f3iZ0q9yTn2l7VbX1cQwEg',
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  requestId: 'T9vX4kq0bWm3sE7yLr2HcA',
} as const;

/** What the audit log costs: writing, chaining and verifying it, on a PostgreSQL with its settings as they come. */
export async function measureAudit(options: {
  events: number;
  rows: number;
  say(line: string): void;
}): Promise<AuditFigures> {
  const postgres = await makePostgresServer();
  const database = open(postgres.database.superuserUrl);
  try {
    await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
    options.say('four writers');
    const writers = await measureWriters(database, postgres.database.superuserUrl, options.events);
    options.say('one event');
    const one = await measureEvent(database);
    options.say('rows to verify');
    await fill(database, options.rows, options.say);
    const verified = await measureVerify(database);
    options.say('a sign-in');
    const { form } = await measureSignIn(100);
    return { ...writers, ...one, ...verified, found: writers.found + verified.found, signIn: form };
  } finally {
    await database.close();
    await postgres.dispose();
  }
}

const open = (url: string): Database =>
  openDatabase({
    where: { kind: 'url', url },
    poolMax: 4,
    acquireTimeout: 60_000,
    connectTimeout: 10_000,
    statementTimeout: 60_000,
  });

const verify = (database: Database) =>
  makeVerifyAudit({ keys, source: makeVerificationSource(database) })({
    checkpoints: [],
    onProgress: () => {},
  });

async function measureWriters(database: Database, url: string, events: number) {
  const source = makeVerificationSource(database);
  const processes = Array.from({ length: 4 }, () =>
    startKept(process.execPath, [program, url, key.toString('hex'), String(events / 4), '8', '0']),
  );
  const countOf = async (): Promise<number> =>
    Number(
      (
        await database.run<{ n: string }>(
          'select (select seq from audit_head) + (select count(*) from audit_queue) as n',
          [],
        )
      )[0]?.n,
    );
  await waitFor('they write', async () => (await countOf()) > 500, { within: 60_000 });
  const [begun, before] = [performance.now(), await countOf()];
  let [rate, lag] = [0, 0];
  await waitFor(
    'they have written',
    async () => {
      const now = await countOf();
      lag = Math.max(lag, (await source.waiting()).seconds);
      if (now < events) rate = ((now - before) / (performance.now() - begun)) * 1000;
      return processes.every(({ stdout }) => stdout().endsWith('"written"\n'));
    },
    { within: 600_000, every: 200 },
  );
  await waitFor('all is chained', async () => (await source.waiting()).events === 0, { within: 60_000 });
  for (const one of processes) one.send('SIGTERM');
  await Promise.all(processes.map((one) => one.ended));
  return { rate, lag, found: (await verify(database)).found };
}

async function measureEvent(database: Database) {
  const audit = makeAuditLog(database, systemClock, keys);
  const count = 5000;
  return database.inTransaction(async () => {
    const [session] = await database.run<{ pid: number }>('select pg_backend_pid() as pid', []);
    for (let n = 0; n < 500; n += 1) await audit.append(event, by);
    const pids = [process.pid, session?.pid ?? 0];
    const before = pids.map(cpuOf);
    for (let n = 0; n < count; n += 1) await audit.append(event, by);
    const [own = 0, other = 0] = pids.map((pid, index) => (cpuOf(pid) - (before[index] ?? 0)) / count);
    return { event: own, eventInDatabase: other };
  });
}

/** Sealed rows, many in a statement, chained as a server does. */
async function fill(database: Database, rows: number, say: (line: string) => void): Promise<void> {
  const extend = makeExtendChain({ keys, chain: makeChainStore(database) });
  for (let done = 0; done < rows; done += 10_000) {
    const now = new Date();
    const made = Array.from({ length: 10_000 }, () => toSealedRow(keys, event, by, now));
    await database.run(
      `with event as (
         insert into audit_event (occurred_at, type, actor_kind, actor_id, client_id, account_id, ip, user_agent, request_id, data, salt,
           personal_hash, seal_key, seal)
         select ?::timestamptz, ?, 'account', ?, ?, ?, ?, ?, ?, '{"amr": ["pwd"]}', salt, personal_hash, ?, seal
         from unnest(?::bytea[], ?::bytea[], ?::bytea[]) as sealed (salt, personal_hash, seal) returning id, recorded_at
       ) insert into audit_queue select id, recorded_at from event`,
      [
        now,
        event.type,
        by.id,
        'shop',
        by.id,
        by.ip,
        by.userAgent,
        by.requestId,
        keys.current,
        made.map(({ seal }) => seal.salt),
        made.map(({ seal }) => seal.personalHash),
        made.map(({ seal }) => seal.seal),
      ],
    );
    for (let outcome = await extend(); outcome.kind === 'chained' && outcome.events > 0; )
      outcome = await extend();
    if ((done + 10_000) % 100_000 === 0) say(`${done + 10_000} rows`);
  }
  await database.run('analyze', []);
}

async function measureVerify(database: Database) {
  let resident = 0;
  const begun = performance.now();
  const { links, found } = await makeVerifyAudit({ keys, source: makeVerificationSource(database) })({
    checkpoints: [],
    onProgress: () => {
      resident = Math.max(resident, residentOf(process.pid));
    },
  });
  return { rows: links, seconds: (performance.now() - begun) / 1000, resident, found };
}

/** The figures as a table. */
export function describeAudit(figures: AuditFigures): string {
  const { rate, lag, found, rows, seconds, resident, event: own, eventInDatabase, signIn } = figures;
  const share = ((own / signIn) * 100).toFixed(1);
  return table(
    ['audit log, on PostgreSQL', 'bar', 'measured'],
    [
      [
        'Events of four processes, each a transaction of its own',
        '2,000 a second',
        `${Math.round(rate).toLocaleString('en')} a second`,
      ],
      ['The longest that one has waited for its place meanwhile', '1 s', `${lag.toFixed(2)} s`],
      [`Verifying ${rows.toLocaleString('en')} rows`, '60 s', `${seconds.toFixed(1)} s, ${resident} MB`],
      ['Findings in what was written', '0', String(found)],
      [
        'CPU for one event in the server, of that for a sign-in',
        '10 %',
        `${(own * 1000).toFixed(0)} µs, ${share} % of ${signIn.toFixed(1)} ms`,
      ],
      ['CPU for one event in the database', 'none', `${(eventInDatabase * 1000).toFixed(0)} µs`],
    ],
  );
}
