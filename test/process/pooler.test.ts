import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type App, addAccount, registerApp } from '../flows/protocol/app.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange, type HttpResponse } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import { type Pooler, startPooler } from '../support/pgbouncer.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { basic } from '../support/relying-party.ts';
import { waitFor } from '../support/wait-for.ts';
import { countRows } from './refused-start.ts';

describe('two servers behind one pooler in transaction mode', () => {
  let place: TestDatabase;
  let pooler: Pooler;
  let servers: [RunningGatehouse, RunningGatehouse];
  let app: App;
  let who: Account;
  beforeAll(async () => {
    place = await createDatabase();
    const { port, pathname } = new URL(place.url);
    const role = `alter role gatehouse in database ${pathname.slice(1)}`;
    await query(place.superuserUrl, `${role} set synchronous_commit = on`);
    await query(place.superuserUrl, `${role} set statement_timeout = '3s'`);
    await query(place.superuserUrl, `${role} set idle_in_transaction_session_timeout = '5s'`);
    pooler = await startPooler(Number(port), 3);
    const env = {
      ...makeSecrets(),
      GATEHOUSE_DATABASE_URL: pooler.urlOf(place.url),
      GATEHOUSE_DATABASE_DIRECT_URL: place.url,
      GATEHOUSE_DATABASE_POOLER: 'transaction',
      // One person signs in many times at the same moment.
      GATEHOUSE_LOCKOUT_SOFT_AFTER: '50',
    };
    const first = await startGatehouse({ env });
    const second = await startGatehouse({
      bootstrap: first.bootstrap,
      env: { ...env, GATEHOUSE_ISSUER: first.issuer },
    });
    servers = [first, second];
    app = await registerApp(first, { client_id: 'album', skip_consent: true });
    who = await addAccount(first, 'person@example.org');
  }, 120_000);
  afterAll(async () => {
    for (const server of servers) await server.dispose();
    await pooler.stop();
    await place.drop();
  });

  /** Under the issuer's name, which both answer for. */
  function refreshAt(which: number, token: string): Promise<HttpResponse> {
    const { clientId, clientSecret = '' } = app.registration;
    const form = { grant_type: 'refresh_token', refresh_token: token };
    return exchange(`http://127.0.0.1:${servers[which]?.port}/oauth2/token`, {
      method: 'POST',
      headers: {
        host: new URL(servers[0].issuer).host,
        authorization: basic(clientId, clientSecret),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(form).toString(),
    });
  }

  it('start without a word of warning, on a schema that they have made', async () => {
    for (const server of servers) expect(server.output()).not.toContain('could be set better');
    await expect(countRows(place.superuserUrl)).resolves.toMatchObject({ account: 2, client: 3 });
  });

  it('sign twenty people in at once', async () => {
    const signedIn = await Promise.all(
      Array.from({ length: 20 }, () => app.signIn(makePerson(servers[0].issuer), who)),
    );
    expect(signedIn.map(({ status }) => status)).toEqual(signedIn.map(() => 200));
  });

  it('give one answer to fifty refreshes with one token', async () => {
    const { body } = await app.signIn(makePerson(servers[0].issuer), who);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => refreshAt(index % 2, String(body.refresh_token))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('are unavailable without it, and work again by themselves', async () => {
    await pooler.stop();
    const token = { grant_type: 'refresh_token', refresh_token: 'whatever' };
    await expect(app.post('token', token)).resolves.toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable' },
    });
    await pooler.start();
    await waitFor('people can sign in again', async () => {
      const { status } = await app.post('token', token);
      return status === 400;
    });
    await expect(app.signIn(makePerson(servers[0].issuer), who)).resolves.toMatchObject({ status: 200 });
  });
});
