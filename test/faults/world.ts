import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import type pg from 'pg';
import { registerApp } from '../flows/protocol/app.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { checkInvariants } from './check.ts';
import { makeDoors, reasonOf } from './doors.ts';
import { type Driver, startDriver } from './driver.ts';
import { type Dump, dumpDatabase } from './dump.ts';
import { type History, openHistory, readHistory } from './history.ts';
import type { AnswerLimits } from './invariants/answers.ts';
import type { Evidence, Finding } from './invariants/evidence.ts';
import type { OperatorDeps } from './operator-calls.ts';
import type { AppRegistration, CallDeps } from './people-calls.ts';

export interface WorldOptions {
  /** What the servers are told is their database; `database.superuserUrl` is where the test looks behind their back. */
  database: TestDatabase | 'embedded';
  /** Server processes on it. */
  processes?: 1 | 2;
  workers?: number;
  env?: Record<string, string>;
  /** Data directory of the embedded database. */
  dataDir?: string;
  seed?: number;
}

/** Servers under load, with everything written down. */
export interface World extends CallDeps, OperatorDeps {
  servers: RunningGatehouse[];
  history: History;
  driver: Driver;
  seed: number;
  apps: readonly AppRegistration[];
  /** Resolves when so many more calls have succeeded since now; `type` counts those of one kind only. */
  moreCalls(count: number, type?: Parameters<History['succeeded']>[0], within?: number): Promise<void>;
  /** Waits until every server may take traffic, by itself. */
  untilReady(within?: number): Promise<void>;
  /** Ends the load, asks about everything once more, and judges. `from` is where the database is now. */
  judge(limits?: AnswerLimits, from?: pg.ClientConfig): Promise<Evidence & { findings: Finding[] }>;
  dispose(): Promise<void>;
}

/** Settings by which nothing that the invariants ask about goes by itself during a run. */
export const lasting = {
  GATEHOUSE_JANITOR_INTERVAL: '1d',
  // What is killed in the middle of a sign-in stays counted until the next one that succeeds.
  GATEHOUSE_LOCKOUT_SOFT_AFTER: '50',
  GATEHOUSE_TTL_ACCESS_TOKEN: '1h',
  GATEHOUSE_REFRESH_REPLAY_WINDOW: '1m',
};

/** Starts the servers, registers what the workers need, and puts them to work. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { database, processes = 2, workers = 4, env = {}, dataDir } = options;
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const settings = { ...lasting, ...(database === 'embedded' ? {} : makeSecrets()), ...env };
  const first = await startGatehouse({
    database,
    env: settings,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const { issuer, bootstrap } = first;
  const servers = [first];
  if (database !== 'embedded' && processes === 2)
    servers.push(
      await startGatehouse({ database, bootstrap, env: { ...settings, GATEHOUSE_ISSUER: issuer } }),
    );
  const apps = await Promise.all(Array.from({ length: workers }, (_, index) => registerOwnApp(first, index)));
  const jwks: JSONWebKeySet = JSON.parse(await (await fetch(`${issuer}/oauth2/jwks`)).text());
  const history = openHistory(await historyPath(), reasonOf);
  const deps: CallDeps & OperatorDeps = {
    doors: makeDoors(issuer, () => servers.map(({ port }) => port)),
    history,
    jwks: () => jwks,
    adminToken: await first.adminToken(),
  };
  const driver = startDriver(deps, { workers, seed, apps });
  const world: World = {
    ...deps,
    servers,
    driver,
    seed,
    apps,
    async moreCalls(count, type, within = 60_000) {
      const done = () => (type === undefined ? history.counts().ok : history.succeeded(type));
      const enough = done() + count;
      await waitFor(`${count} more calls succeeded`, () => done() >= enough, { within, every: 5 });
    },
    async untilReady(within = 30_000) {
      for (const { managementUrl } of servers) {
        const ready = () =>
          fetch(`${managementUrl}/readyz`).then(
            ({ status }) => status === 200,
            () => false,
          );
        await waitFor('the server is ready', ready, { within });
      }
    },
    async judge(limits, from) {
      await driver.stop();
      await world.untilReady();
      await driver.settle();
      history.close();
      const dump: Dump = await dumpDatabase(from ?? whereIs(database, servers[0]));
      const evidence = { calls: readHistory(history.path).calls, dump };
      return { ...evidence, findings: checkInvariants(evidence, limits) };
    },
    async dispose() {
      await driver.stop().catch(() => {});
      const [own, ...others] = servers;
      for (const server of others) await server.stop('SIGKILL');
      await own?.dispose();
    },
  };
  return world;
}

export async function registerOwnApp(server: RunningGatehouse, index: number): Promise<AppRegistration> {
  const changes = { client_id: `app-${index}`, skip_consent: true };
  const { clientId, redirectUri, clientSecret } = (await registerApp(server, changes)).registration;
  if (clientSecret === undefined) throw new Error('this app must have a secret');
  return { clientId, redirectUri, clientSecret };
}

/** Kept when somebody names a folder for it, so that a finding can be read up. */
async function historyPath(): Promise<string> {
  const folder = process.env.FAULTS_HISTORIES ?? (await makeTempDir('history')).path;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${process.pid}-${Date.now()}.jsonl`);
}

function whereIs(database: TestDatabase | 'embedded', server: RunningGatehouse | undefined): pg.ClientConfig {
  if (database !== 'embedded') return { connectionString: database.superuserUrl };
  return { host: server?.dataDir ?? '', user: 'postgres', database: 'postgres' };
}
