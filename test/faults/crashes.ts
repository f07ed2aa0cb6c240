import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { type CrashPoint, dyingAt } from './crash-points.ts';
import { makeDoors, reasonOf } from './doors.ts';
import { type History, openHistory } from './history.ts';
import { createUser } from './operator-calls.ts';
import { type AppRegistration, authorize, type CallDeps, type Way } from './people-calls.ts';
import { lasting, registerOwnApp } from './world.ts';

/** A server that lives, and on the same database servers that die where they are told to. */
export interface Crashes {
  /** Calls to the server that lives. */
  steady: CallDeps;
  history: History;
  database: TestDatabase;
  app: AppRegistration;
  /** For the admin API of the server that lives. */
  adminToken(): Promise<string>;
  /** Signs the person in from the start; returns a fresh code. */
  freshCode(family: string): Promise<{ way: Way; code: string }>;
  /** A server that dies at this point, ready; calls go to it alone. */
  startDying(point: CrashPoint): Promise<{ calls: CallDeps; server: RunningGatehouse }>;
  dispose(): Promise<void>;
}

export async function startCrashes(): Promise<Crashes> {
  const database = await createDatabase();
  const settings = { ...lasting, ...makeSecrets() };
  const server = await startGatehouse({ database, env: settings });
  const { issuer, bootstrap } = server;
  const app = await registerOwnApp(server, 0);
  const jwks = JSON.parse(await (await fetch(`${issuer}/oauth2/jwks`)).text());
  const history = openHistory(`${(await makeTempDir('history')).path}/history.jsonl`, reasonOf);
  const callsTo = ({ port }: RunningGatehouse): CallDeps => ({
    doors: makeDoors(issuer, () => [port]),
    history,
    jwks: () => jwks,
  });
  const steady = callsTo(server);
  const person = { user: 'person@example.org', name: 'Pat', password: 'correct horse battery staple' };
  await createUser({ ...steady, adminToken: await server.adminToken() }, 'operator', person);
  return {
    steady,
    history,
    database,
    app,
    adminToken: () => server.adminToken(),
    async freshCode(family) {
      const who = { family, user: person.user, password: person.password };
      const { way, code } = await authorize(steady, 'client', app, who);
      if (code === undefined) throw new Error('the person got no code');
      return { way, code };
    },
    async startDying(point) {
      const env = { ...settings, GATEHOUSE_ISSUER: issuer, ...dyingAt(point) };
      const dying = await startGatehouse({ database, bootstrap, env });
      return { calls: callsTo(dying), server: dying };
    },
    async dispose() {
      history.close();
      await server.dispose();
    },
  };
}

/** Exit code of a process that was killed by kill -9, as shells have it. */
export const killed = 137;

/** Does `work` for every item, so many at once: a server is started while another one dies. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}
