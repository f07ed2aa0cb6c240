import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeSecrets } from '../../support/gatehouse.ts';
import { makePerson } from '../../support/person.ts';
import { addAccount, registerApp } from '../protocol/app.ts';
import { prepareCall } from './calls.ts';
import { forPeopleOnly } from './needs-of-rights.ts';
import { isWrite } from './operations.ts';
import { openStage, type Stage } from './stage.ts';

const mailPassword = 'canary-of-the-mail-server';
const planted = makeSecrets();
let stage: Stage;
/** What must be told to nobody, by what it is. */
let canaries: Record<string, string>;

beforeAll(async () => {
  const smtp = `smtp://mailer:${mailPassword}@127.0.0.1:9`;
  stage = await openStage('PostgreSQL', { ...planted, GATEHOUSE_SMTP_URL: smtp });
  const { server } = stage;
  const { body: client } = await server.admin('POST', 'clients', {
    redirect_uris: ['https://app.example/callback'],
    client_name: 'Canary',
  });
  const app = await registerApp(server, { skip_consent: true, scope: 'openid offline_access' });
  const password = 'canary of a person, quite long';
  const who = { ...(await addAccount(server, 'canary@example.org', { password })), password };
  const person = makePerson(server.issuer);
  const { body: issued } = await app.signIn(person, who, { scope: 'openid offline_access' });
  const cookies = person.jar.header(new URL(`${server.issuer}/oauth2/authorize`)) ?? '';
  const session = /gatehouse_session=([^;]+)/.exec(cookies)?.[1] ?? '';
  const { body: made } = await server.admin('POST', `clients/${String(client.client_id)}/secrets`, {});
  canaries = {
    ...planted,
    'the password of the mail server': mailPassword,
    "the administrator's password": server.bootstrap.password,
    "the operator's secret": server.bootstrap.clientSecret,
    "a client's secret": String(client.client_secret),
    "a client's second secret": String(made.client_secret ?? made.secret),
    "an app's secret": String(app.registration.clientSecret),
    "a person's password": password,
    'what users of these tests sign in with': 'correct horse battery staple',
    'a session': session,
    'an access token': String(issued.access_token),
    'a refresh token': String(issued.refresh_token ?? issued.access_token),
    'a hash of a password': '$argon2',
    'the private part of a key': '"d":',
  };
  await server.admin('POST', `users/${who.sub}/reset-password`);
}, 120_000);
afterAll(() => stage.dispose());

/** Requests that change more than one thing: a row for each. */
const severalChanges: Readonly<Record<string, readonly string[]>> = {
  // The one that was there ends sooner.
  createClientSecret: ['client.secret.created', 'client.secret.changed'],
  // The account is closed until then.
  scheduleUserDeletion: ['user.updated', 'user.deletion.requested'],
};

const operations = () => stage.operations.filter(({ operationId }) => !forPeopleOnly.includes(operationId));

describe('I09: what is changed through the admin API', () => {
  it('leaves one row in the audit log for each change, with the id of its request', async () => {
    const faults: unknown[] = [];
    const writes = operations().filter(isWrite);
    expect(writes.length).toBeGreaterThanOrEqual(25);
    for (const operation of writes) {
      const { path, body } = await prepareCall(stage, operation);
      const { status, headers } = await stage.server.admin(operation.method, path, body);
      const rows = await stage.rows<{ type: string }>('select type from audit_event where request_id = $1', [
        headers.get('x-request-id'),
      ]);
      const types = rows.map(({ type }) => type);
      const isRight = severalChanges[operation.operationId]?.join() === types.join() || types.length === 1;
      if (status !== operation.success || !isRight)
        faults.push({ operationId: operation.operationId, status, types });
    }
    expect(faults).toEqual([]);
  }, 120_000);

  it('is no row of the audit log', () => {
    const ofAudit = operations().filter(({ path }) => path.startsWith('/audit'));
    expect(ofAudit.length).toBeGreaterThan(0);
    expect(ofAudit.filter(isWrite)).toEqual([]);
  });
});

describe('I04: secrets', () => {
  const found = (text: string): string[] =>
    Object.entries(canaries).flatMap(([what, canary]) => (text.includes(canary) ? [what] : []));

  it('are planted', () => {
    for (const [what, canary] of Object.entries(canaries)) {
      expect({ what, canary }).not.toEqual({ what, canary: expect.stringMatching(/^(?:undefined|)$/) });
    }
    expect(found(`x${mailPassword}x`)).toEqual(['the password of the mail server']);
  });

  it('come back in no answer to a question', async () => {
    const faults: unknown[] = [];
    const token = await stage.server.adminToken();
    for (const operation of operations().filter((one) => !isWrite(one))) {
      const { path } = await prepareCall(stage, operation);
      const limit = operation.query.includes('limit') ? `${path.includes('?') ? '&' : '?'}limit=100` : '';
      const answer = await fetch(`${stage.server.issuer}/api/admin/v1/${path}${limit}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const text = await answer.text();
      if (answer.status !== 200) faults.push({ ...operation, status: answer.status });
      const told = found(`${text}${JSON.stringify([...answer.headers])}`);
      if (told.length > 0) faults.push({ operation: operation.operationId, told });
    }
    expect(faults).toEqual([]);
  }, 120_000);

  it('stand in no row of the audit log, and in no line of the log', async () => {
    const rows = await stage.rows('select to_jsonb(audit_event)::text as row from audit_event');
    expect(rows.length).toBeGreaterThan(30);
    expect(found(JSON.stringify(rows))).toEqual([]);
    const output = stage.server.output();
    expect(output.length).toBeGreaterThan(1000);
    expect(found(output)).toEqual([]);
  });
});
