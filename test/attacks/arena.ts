import { type Account, type App, addAccount, registerApp } from '../flows/protocol/app.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { type DatabaseView, viewDatabase } from './database-view.ts';

/** Where races are run: two processes on one PostgreSQL, or one process on the embedded database. */
export type Ground = 'two processes on PostgreSQL' | 'one process on the embedded database';

export const grounds: readonly Ground[] = [
  'two processes on PostgreSQL',
  'one process on the embedded database',
];

export interface Arena {
  issuer: string;
  /** As it stands in requests. */
  host: string;
  /** The first is asked by everybody who is not in a race. */
  server: RunningGatehouse;
  /** Of all processes. */
  ports: readonly number[];
  /** How many rounds of a race that takes `rounds` on PostgreSQL: the embedded database does one thing at a time. */
  rounds(rounds: number): number;
  /** Two confidential apps of the house. */
  album: App;
  wiki: App;
  person: Account;
  /** What lies in the database; not of the embedded one, which only its server may open. */
  database: DatabaseView | undefined;
  dispose(): Promise<void>;
}

export async function openArena(ground: Ground, env: Record<string, string> = {}): Promise<Arena> {
  // Rows are counted: nothing else may remove any meanwhile. And one person signs in many times at the same moment.
  const both = { GATEHOUSE_JANITOR_INTERVAL: '1d', GATEHOUSE_LOCKOUT_SOFT_AFTER: '50', ...env };
  const isShared = ground === 'two processes on PostgreSQL';
  const shared = isShared ? { ...makeSecrets(), ...both } : both;
  const first = await startGatehouse({ database: isShared ? 'postgres' : 'embedded', env: shared });
  const { issuer, bootstrap, database } = first;
  const second =
    database === 'embedded'
      ? undefined
      : await startGatehouse({ database, bootstrap, env: { ...shared, GATEHOUSE_ISSUER: issuer } });
  const view = database === 'embedded' ? undefined : await viewDatabase(database);
  const own = { skip_consent: true };
  return {
    issuer,
    host: new URL(issuer).host,
    server: first,
    ports: [first, second].flatMap((server) => server?.port ?? []),
    rounds: (rounds) => (isShared ? rounds : Math.ceil(rounds / 5)),
    album: await registerApp(first, { ...own, client_id: 'album' }),
    wiki: await registerApp(first, {
      ...own,
      client_id: 'wiki',
      redirect_uris: ['https://wiki.example/back'],
    }),
    person: await addAccount(first, 'person@example.org'),
    database: view,
    async dispose() {
      await view?.close();
      await second?.stop('SIGKILL');
      await first.dispose();
    },
  };
}

/** How many run against each other in one round. */
export const racers = 50;

/** Milliseconds for rounds in which passwords are checked, on a machine that does other things beside. */
export const patience = 240_000;
