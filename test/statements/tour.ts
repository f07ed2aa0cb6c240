import { type Account, type App, addAccount, registerApp, registerService } from '../flows/protocol/app.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { startStatementTap } from '../support/statement-tap.ts';
import { waitFor } from '../support/wait-for.ts';
import { operate } from './operator-flows.ts';
import { renewPasswords } from './password-flows.ts';
import { browse } from './people-flows.ts';
import { makeRecorder, type Recorder, type Step } from './recorder.ts';
import { spend } from './token-flows.ts';

/** Who takes part, registered before anything is noted. */
export interface Cast {
  server: RunningGatehouse;
  recorder: Recorder;
  /** Asks for consent. */
  app: App;
  /** The operator's own: asks nothing. */
  ownApp: App;
  /** A device without a browser. */
  device: App;
  service: App;
  who: Account;
}

export interface Tour {
  steps: readonly Step[];
  /** With everything in it that the flows have left. */
  database: TestDatabase;
}

const afterwards = 'https://app.example/signed-out';

/**
 * Goes through everything that the server does for people, clients and operators, once, and notes the statements of each
 * request. Caches are warm: what is kept in memory has been read before. The database is the caller's to drop.
 */
export async function takeTour(): Promise<Tour> {
  const database = await createDatabase();
  const tap = await startStatementTap(Number(new URL(database.url).port));
  const env = { GATEHOUSE_DATABASE_URL: tap.urlOf(database.url) };
  // The janitor works for itself; here it would come in between.
  const server = await startGatehouse({
    database,
    env: { ...env, GATEHOUSE_JANITOR_INTERVAL: '1d', GATEHOUSE_OUTBOX_INTERVAL: '1d' },
  });
  const recorder = makeRecorder(tap);
  try {
    const cast = await gather(server, recorder);
    await browse(cast, (code) => spend(cast, code));
    await renewPasswords(cast);
    await operate(cast);
    // The janitor takes values away only when no process can write them any more.
    await query(
      database.superuserUrl,
      `update user_attribute set deleted_at = deleted_at - interval '1 hour'`,
    );
    const again = await recorder.flow('start', () => server.startAgain());
    await again.stop();
    await recorder.flow('janitor', () =>
      watchJanitor(server, () => tap.statements().map(({ text }) => text)),
    );
    return { steps: recorder.steps(), database };
  } finally {
    await server.kill9();
    await tap.close();
  }
}

async function gather(server: RunningGatehouse, recorder: Recorder): Promise<Cast> {
  const leading = { post_logout_redirect_uris: [afterwards] };
  return {
    server,
    recorder,
    app: await registerApp(server, leading),
    ownApp: await registerApp(server, { ...leading, skip_consent: true }),
    device: await registerApp(server, {
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
    }),
    service: await registerService(server),
    who: await addAccount(server, 'person@example.org'),
  };
}

/** Two rounds: the lease is taken once and then kept. */
async function watchJanitor(server: RunningGatehouse, texts: () => string[]): Promise<void> {
  const before = texts().length;
  const janitor = await server.startAgain({ env: { GATEHOUSE_JANITOR_INTERVAL: '1s' } });
  const rounds = () =>
    texts()
      .slice(before)
      .filter((text) => text.includes('insert into lease')).length;
  await waitFor('the janitor has worked twice', () => rounds() > 2);
  await janitor.stop();
}
