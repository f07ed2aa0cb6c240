import { setTimeout as pause } from 'node:timers/promises';
import { atOnce, type RawAnswer, rawPost } from '../attacks/barrier.ts';
import { type Account, type App, addAccount, registerApp, registerService } from '../flows/protocol/app.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { readForms } from '../support/html.ts';
import { makePerson } from '../support/person.ts';
import { basic } from '../support/relying-party.ts';
import { table } from './document.ts';
import { residentOf, timed } from './measure.ts';

const people = 200;
/** ATTACKS D11. */
const crowd = 500;

interface Storm {
  rounds: number;
  say(line: string): void;
}

interface StormFigures {
  /** Milliseconds of a token request with nothing else to do, and while a storm lasts. */
  idle: number[];
  meanwhile: number[];
  signedIn: number[];
  turnedAway: number[];
  /** MB, before the first storm, after seven of ten and after the last: the heap has its size by then. */
  memory: [number, number, number];
  /** Milliseconds of what must be there whatever happens, while five hundred people send their passwords. */
  crowded: { health: number[]; keys: number[] };
}

/**
 * Again and again two hundred people send their passwords at the same moment, while a service goes on asking for tokens. What
 * sends it all shares the machine.
 */
export async function measureStorm({ rounds, say }: Storm): Promise<StormFigures> {
  const server = await startGatehouse({
    database: 'postgres',
    env: { GATEHOUSE_JANITOR_INTERVAL: '1d', GATEHOUSE_LOG_LEVEL: 'warn' },
  });
  try {
    const app = await registerApp(server, { skip_consent: true });
    const accounts: Account[] = [];
    for (let number = 0; number < people; number += 1)
      accounts.push(await addAccount(server, `person-${number}@example.org`));
    const service = await startService(server);
    say('the token endpoint, idle');
    await service.during(pause(3000));
    const idle = await service.during(pause(10_000));
    const figures: StormFigures = {
      idle,
      meanwhile: [],
      signedIn: [],
      turnedAway: [],
      memory: [residentOf(server.pid), 0, 0],
      crowded: { health: [], keys: [] },
    };
    for (let round = 0; round < rounds; round += 1) {
      say(`storm ${round + 1} of ${rounds}`);
      const requests = await prepare(server, app, accounts);
      const began = performance.now();
      let answers: RawAnswer[] = [];
      const storm = atOnce([server.port], requests).then((all) => {
        answers = all;
      });
      figures.meanwhile.push(...(await service.during(storm)));
      for (const { status, at } of answers) {
        if (status === 200) figures.signedIn.push(at - began);
        else if (status === 503) figures.turnedAway.push(at - began);
        else throw new Error(`a sign-in was answered ${status}`);
      }
      if (round === Math.floor(rounds * 0.7)) figures.memory[1] = residentOf(server.pid);
      await pause(1000);
    }
    figures.memory[2] = residentOf(server.pid);
    for (let round = 0; round < rounds; round += 1) {
      say(`crowd ${round + 1} of ${rounds}`);
      await measureCrowd(server, app, accounts, figures.crowded);
      await pause(1000);
    }
    return figures;
  } finally {
    await server.dispose();
  }
}

/** Five hundred at once, some of them twice or thrice; health and keys are asked for meanwhile. */
async function measureCrowd(
  server: RunningGatehouse,
  app: App,
  accounts: readonly Account[],
  { health, keys }: StormFigures['crowded'],
): Promise<void> {
  const everybody = Array.from({ length: crowd }, (_, index) => accounts.slice(index % people)[0]).filter(
    (account) => account !== undefined,
  );
  const requests = await prepare(server, app, everybody);
  const storm = atOnce([server.port], requests);
  const [healthTimes, keyTimes] = await Promise.all([
    askAgainAndAgain({ url: `${server.issuer}/healthz`, headers: {} }, storm),
    askAgainAndAgain({ url: `${server.issuer}/oauth2/jwks`, headers: {} }, storm),
  ]);
  health.push(...healthTimes);
  keys.push(...keyTimes);
}

/** About fifty times a second, as long as something else lasts. */
async function askAgainAndAgain(
  shot: Parameters<typeof timed>[0],
  work: Promise<unknown>,
): Promise<number[]> {
  let over = false;
  const end = work.finally(() => {
    over = true;
  });
  const times: Promise<number>[] = [];
  while (!over) {
    times.push(timed(shot));
    await pause(20);
  }
  await end;
  return Promise.all(times);
}

/** Everybody before a sign-in page of their own, with the form filled in. */
async function prepare(
  { issuer }: RunningGatehouse,
  app: App,
  accounts: readonly Account[],
): Promise<string[]> {
  const requests: string[] = [];
  for (const { username, password } of accounts) {
    const person = makePerson(issuer);
    const page = await person.visit(app.begin().url);
    if (page.kind !== 'page') throw new Error('no sign-in page');
    const form = readForms(page.html).find(({ fields }) => fields.includes('password'));
    const target = new URL(form?.action ?? '', page.url);
    requests.push(
      rawPost(
        target.host,
        `${target.pathname}${target.search}`,
        { cookie: person.jar.header(target) ?? '', origin: page.url.origin, 'sec-fetch-site': 'same-origin' },
        { ...form?.values, username, password },
      ),
    );
  }
  return requests;
}

/** A service that asks for a token of its own about fifty times a second, as long as something else lasts. */
async function startService(
  server: RunningGatehouse,
): Promise<{ during(work: Promise<unknown>): Promise<number[]> }> {
  const { registration } = await registerService(server);
  const shot = {
    url: `${server.issuer}/oauth2/token`,
    headers: {
      authorization: basic(registration.clientId, registration.clientSecret ?? ''),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  };
  return {
    during: (work) => askAgainAndAgain(shot, work),
  };
}

const at = (values: readonly number[], share: number): string => {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? 'none' : `${value.toFixed(0)} ms`;
};

/** The figures as a table. */
export function describeStorm(figures: StormFigures): string {
  const { idle, meanwhile, signedIn, turnedAway, memory, crowded } = figures;
  return table(
    ['of 200 sign-ins at once', 'bar', 'median', '99 of 100', 'slowest', 'how many'],
    [
      ['token request, idle', 'none', at(idle, 0.5), at(idle, 0.99), at(idle, 1), String(idle.length)],
      [
        'token request meanwhile',
        '99 of 100 in twice the idle time',
        at(meanwhile, 0.5),
        at(meanwhile, 0.99),
        at(meanwhile, 1),
        String(meanwhile.length),
      ],
      [
        'turned away with 503',
        '200 ms',
        at(turnedAway, 0.5),
        at(turnedAway, 0.99),
        at(turnedAway, 1),
        String(turnedAway.length),
      ],
      ['signed in', 'none', at(signedIn, 0.5), at(signedIn, 0.99), at(signedIn, 1), String(signedIn.length)],
      ...(['health', 'keys'] as const).map((what) => [
        `${what === 'health' ? '/healthz' : '/oauth2/jwks'} while 500 sign in at once`,
        '99 of 100 in 100 ms',
        at(crowded[what], 0.5),
        at(crowded[what], 0.99),
        at(crowded[what], 1),
        String(crowded[what].length),
      ]),
      [
        'resident memory before, after seven of ten, after the last',
        'flat',
        ...memory.map((mb) => `${mb} MB`),
        '',
      ],
    ],
  );
}
