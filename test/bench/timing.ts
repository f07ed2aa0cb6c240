import { Agent } from 'node:http';
import pg from 'pg';
import { type Account, addAccount, registerApp } from '../flows/protocol/app.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { readForms } from '../support/html.ts';
import { makePerson } from '../support/person.ts';
import { table } from './document.ts';
import { mannWhitney } from './mann-whitney.ts';
import { median, type Shot, timed } from './measure.ts';

const warmUps = 50;

/** What a stranger may try to tell apart by time. Each gives a name and a password for the attempt of this number. */
type Classes = Record<string, (attempt: number) => { username: string; password: string }>;

export interface TimingFigures {
  /** Milliseconds of each attempt, by class. */
  samples: Record<string, number[]>;
}

/** Attempts of one account that are all checked: one fewer than begins a delay. */
const attemptsEach = 4;

/** So many wrong sign-ins of each class, in turn. */
export async function measureTiming(samples: number, say: (line: string) => void): Promise<TimingFigures> {
  const server = await startGatehouse({
    database: 'postgres',
    env: {
      GATEHOUSE_JANITOR_INTERVAL: '1d',
      GATEHOUSE_LOCKOUT_NETWORK_FAILURES: '100000',
      GATEHOUSE_LOCKOUT_NETWORK_ACCOUNTS: '100000',
      GATEHOUSE_LOCKOUT_GLOBAL_FAILURES: '1000000',
    },
  });
  try {
    const classes = await makeClasses(server, samples + warmUps, say);
    const shotOf = await openForm(server);
    const figures: TimingFigures = { samples: {} };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let attempt = 0; attempt < warmUps + samples; attempt += 1) {
      // Another order each time, so that none always comes after the same one.
      const names = Object.keys(classes).toSorted(() => Math.random() - 0.5);
      for (const name of names) {
        const guess = classes[name]?.(attempt);
        if (guess === undefined) continue;
        const time = await timed(shotOf(guess), agent, 422);
        if (attempt >= warmUps) figures.samples[name] = [...(figures.samples[name] ?? []), time];
      }
    }
    agent.destroy();
    return figures;
  } finally {
    await server.dispose();
  }
}

async function makeClasses(
  server: RunningGatehouse,
  attempts: number,
  say: (line: string) => void,
): Promise<Classes> {
  const count = Math.ceil(attempts / attemptsEach);
  say(`${3 * count} accounts`);
  const make = async (name: string, changes: Record<string, unknown> = {}): Promise<Account[]> => {
    const accounts: Account[] = [];
    for (let number = 0; number < count; number += 1)
      accounts.push(await addAccount(server, `${name}-${1000 + number}@example.org`, changes));
    return accounts;
  };
  const [known, empty, disabled, bare] = [
    await make('known'),
    await make('empty'),
    await make('other', { status: 'disabled' }),
    await make('plain', { password: undefined }),
  ];
  const locked = await addAccount(server, 'shut-1000@example.org');
  await lock(server, locked);
  const of = (accounts: Account[], attempt: number): string =>
    accounts[Math.floor(attempt / attemptsEach)]?.username ?? '';
  const password = 'not the right one';
  return {
    'wrong password': (attempt) => ({ username: of(known, attempt), password }),
    'unknown name': (attempt) => ({ username: `nobdy-${1000 + attempt}@example.org`, password }),
    'disabled account': (attempt) => ({
      username: of(disabled, attempt),
      password: 'correct horse battery staple',
    }),
    'account without password': (attempt) => ({ username: of(bare, attempt), password }),
    'locked account': () => ({ username: locked.username, password: locked.password }),
    'empty password': (attempt) => ({ username: of(empty, attempt), password: '' }),
  };
}

/** As ten failures and more do, for an hour. */
async function lock({ database }: RunningGatehouse, { sub }: Account): Promise<void> {
  if (database === 'embedded') throw new Error('this is measured on PostgreSQL');
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  await client.query(
    `insert into sign_in_counter (subject, account_id, failures, refused, open_at, last_at, attempt)
     values ('account ' || $1, $1, 20, 0, now() + interval '1 hour', now(), 'before')`,
    [sub],
  );
  await client.end();
}

async function openForm(
  server: RunningGatehouse,
): Promise<(guess: { username: string; password: string }) => Shot> {
  const app = await registerApp(server, { skip_consent: true });
  const person = makePerson(server.issuer);
  const page = await person.visit(app.begin().url);
  if (page.kind !== 'page') throw new Error('no sign-in page');
  const form = readForms(page.html).find(({ fields }) => fields.includes('password'));
  const target = new URL(form?.action ?? '', page.url);
  const headers = {
    cookie: person.jar.header(target) ?? '',
    origin: page.url.origin,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/x-www-form-urlencoded',
  };
  return (guess) => ({
    url: target.href,
    headers,
    body: new URLSearchParams({ ...form?.values, ...guess }).toString(),
  });
}

/** The figures as a table: each class beside a wrong password. */
export function describeTiming({ samples }: TimingFigures): string {
  const reference = samples['wrong password'] ?? [];
  return table(
    [
      'a sign-in that fails',
      'median',
      'beside a wrong password (5 %)',
      'Mann-Whitney p (over 0.01)',
      'samples',
    ],
    Object.entries(samples).map(([name, times]) => {
      const share = (median(times) / median(reference) - 1) * 100;
      return [
        name,
        `${median(times).toFixed(2)} ms`,
        times === reference ? '' : `${share >= 0 ? '+' : ''}${share.toFixed(1)} %`,
        times === reference ? '' : mannWhitney(times, reference).toFixed(3),
        String(times.length),
      ];
    }),
  );
}
