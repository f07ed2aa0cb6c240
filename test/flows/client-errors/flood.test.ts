import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DatabaseView, viewDatabase } from '../../attacks/database-view.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange, type HttpResponse } from '../../support/http.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { basic } from '../../support/relying-party.ts';
import { type StatementTap, startStatementTap } from '../../support/statement-tap.ts';
import { waitFor } from '../../support/wait-for.ts';
import { registerApp } from '../protocol/app.ts';

const requests = 10_000;
const atOnce = 25;

describe(`${requests.toLocaleString('en')} refused requests of as many strangers`, () => {
  let database: TestDatabase;
  let tap: StatementTap;
  let view: DatabaseView;
  let server: RunningGatehouse;
  let seconds: number;
  beforeAll(async () => {
    database = await createDatabase();
    tap = await startStatementTap(Number(new URL(database.url).port));
    server = await startGatehouse({
      database,
      env: { ...makeSecrets(), GATEHOUSE_DATABASE_URL: tap.urlOf(database.url), GATEHOUSE_LOG_LEVEL: 'warn' },
    });
    view = await viewDatabase(database);
    const began = performance.now();
    let sent = 0;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (sent < requests) {
          sent += 1;
          await ask(`stranger-${sent}`);
        }
      }),
    );
    seconds = (performance.now() - began) / 1000;
    await waitFor('all are counted', async () => (await counted()) === requests);
  }, 300_000);
  afterAll(async () => {
    await server.stop('SIGKILL');
    await view.close();
    await tap.close();
    await database.drop();
  });

  const ask = (clientId: string): Promise<HttpResponse> =>
    exchange(`${server.issuer}/oauth2/token`, {
      method: 'POST',
      headers: {
        authorization: basic(clientId, 'x'),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
  const rows = async (what: string): Promise<number> => {
    const [row] = await view.rows(`select ${what} as found from client_error`);
    return Number(row?.found ?? 0);
  };
  const counted = () => rows(`coalesce(sum(times) filter (where code = 'client_unknown'), 0)`);

  it('are all counted, in few rows', async () => {
    expect(await counted()).toBe(requests);
    expect(await rows('count(*)')).toBeLessThanOrEqual(45);
    expect(await rows('pg_total_relation_size($$client_error$$) / 1024')).toBeLessThan(1024);
  });

  it('are written beside the requests, twice a second at most', () => {
    const writes = tap.statements().filter(({ text }) => text.includes('insert into client_error'));
    expect(writes.length).toBeGreaterThan(0);
    expect(writes.length).toBeLessThanOrEqual(seconds * 2 + 2);
  });

  it('do not take the place of what a real app is refused for', async () => {
    const app = await registerApp(server, { client_id: 'photo-album' });
    const { url } = app.begin({ redirect_uri: 'https://app.example/callback/' });
    const page = await exchange(url, { headers: { accept: 'text/html' } });
    const [, errorId = ''] = /id="error-id">([^<]+)</.exec(page.text) ?? [];
    const found = await waitFor('it is found', async () => {
      const { body } = await server.admin('GET', `client-errors?error_id=${errorId}`);
      return body.items?.[0];
    });
    expect(found).toMatchObject({
      client_id: 'photo-album',
      collective: false,
      code: 'redirect_uri_unregistered',
    });
  });

  it('leave a way from the page of a stranger to what is counted together', async () => {
    const url = `${server.issuer}/oauth2/authorize?client_id=one-more-stranger&response_type=code`;
    const page = await exchange(url, { headers: { accept: 'text/html' } });
    const [, errorId = ''] = /id="error-id">([^<]+)</.exec(page.text) ?? [];
    const found = await waitFor('it is found', async () => {
      const { body } = await server.admin('GET', `client-errors?error_id=${errorId}`);
      return body.items?.[0];
    });
    expect(found).toMatchObject({
      client_id: null,
      code: 'client_unknown',
      collective: true,
      samples: [{ facts: { client_id: 'one-more-stranger' } }],
    });
  });
});
