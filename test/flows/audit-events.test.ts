import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makePerson } from '../support/person.ts';
import { waitFor } from '../support/wait-for.ts';
import type { ReceivedEvent } from '../support/webhook-receiver.ts';
import { type AdminServer, serviceToken, startAdminServer } from './admin-fixture.ts';
import { type Account, type App, addAccount, registerApp, signInAndAllow } from './protocol/app.ts';

describe('the audit log in the admin API', () => {
  let server: AdminServer;
  let app: App;
  let ann: Account;
  beforeAll(async () => {
    server = await startAdminServer();
    app = await registerApp(server);
    ann = await addAccount(server, 'ann@example.org');
  }, 60_000);
  afterAll(() => server.dispose());

  const list = async (query: string): Promise<ReceivedEvent[]> => {
    const { status, body } = await server.admin('GET', `audit-events?${query}`);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body.items as ReceivedEvent[];
  };
  const types = async (query: string) => (await list(query)).map(({ type }) => type);
  const lines = async (query = ''): Promise<ReceivedEvent[]> => {
    const answer = await fetch(`${server.issuer}/api/admin/v1/audit-events/export?${query}`, {
      headers: { authorization: `Bearer ${await server.adminToken()}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const text = await answer.text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };
  /** Everything so far has its place in the chain. */
  const settled = () =>
    waitFor('everything is chained', async () =>
      (await list('limit=100')).every(({ sequence }) => sequence !== null),
    );

  it('tells what has happened, newest first, with who did it, from where, and in which session', async () => {
    const person = makePerson(server.issuer);
    await signInAndAllow(app, person, ann, { scope: 'openid' });
    await person.visit('/account/sessions');
    const { body } = await server.admin('GET', `users/${ann.sub}/sessions`);
    const [session] = body.items as { id: string }[];
    const found = await list(`person=${ann.sub}`);
    expect(found.map(({ type }) => type)).toEqual(['consent.granted', 'signin.succeeded', 'user.created']);
    expect(found[0]).toMatchObject({
      severity: 'informational',
      actor: { kind: 'account', id: ann.sub, on_behalf_of: null },
      sub: ann.sub,
      client_id: app.registration.clientId,
      session_id: session?.id,
      ip: '127.0.0.1',
      request_id: expect.any(String),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      details: { scopes: ['openid'] },
    });
    const signIn = await list(`request_id=${String(found[1]?.request_id)}`);
    expect(signIn.map(({ id }) => id)).toEqual([found[1]?.id]);
  });

  it('is searched by person, client, type, actor, address, request and time', async () => {
    await expect(types(`client=${app.registration.clientId}&type=client.*`)).resolves.toEqual([
      'client.created',
    ]);
    await expect(types(`person=${ann.sub}&type=user.*,signout`)).resolves.toEqual(['user.created']);
    await expect(types(`actor=${server.bootstrap.clientId}&type=user.created`)).resolves.toEqual([
      'user.created',
    ]);
    await expect(types('ip=127.0.0.1&type=signin.*')).resolves.toEqual(['signin.succeeded']);
    await expect(types('ip=192.0.2.1')).resolves.toEqual([]);
    const all = await types('sort=at&limit=100');
    expect(all[0]).toBe('schema.migrated');
    const middle = String((await list('sort=at&limit=100'))[3]?.at);
    const [before, from] = [await types(`to=${middle}&limit=100`), await types(`from=${middle}&limit=100`)];
    expect([...from, ...before].toReversed()).toEqual(all);
  });

  it('has pages, by cursors of its own', async () => {
    const first = await server.admin('GET', 'audit-events?limit=2&sort=at');
    const second = await server.admin('GET', `audit-events?limit=2&sort=at&after=${String(first.body.next)}`);
    const both = [...(first.body.items as ReceivedEvent[]), ...(second.body.items as ReceivedEvent[])];
    expect(both).toEqual(await list('limit=4&sort=at'));
    const { body: clients } = await server.admin('GET', 'clients?limit=1');
    await expect(server.admin('GET', `audit-events?after=${String(clients.next)}`)).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_cursor' },
    });
  });

  it.each([
    ['type', 'type=user.craeted'],
    ['type', 'type=nothing.*'],
    ['ip', 'ip=300.1.1.1'],
    ['from', 'from=yesterday'],
    ['sort', 'sort=ip'],
    ['person', "person=' or 1=1"],
  ])('says that %s is wrong in %s', async (field, query) => {
    await expect(server.admin('GET', `audit-events?${query}`)).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field }] },
    });
  });

  it('tells one event by its id, and has no other', async () => {
    const [newest] = await list('limit=1&type=user.created');
    const read = () => server.admin('GET', `audit-events/${String(newest?.id)}`);
    await waitFor('it is chained', async () => (await read()).body.sequence !== null);
    await expect(read()).resolves.toMatchObject({
      status: 200,
      body: { ...newest, sequence: expect.anything() },
    });
    for (const id of ['999999', '0', '-1', 'x', '99999999999999999999'])
      await expect(server.admin('GET', `audit-events/${id}`)).resolves.toMatchObject({
        status: 404,
        body: { code: 'event_not_found' },
      });
  });

  it('is for those alone who may read it', async () => {
    const resource = `${server.issuer}/api/admin`;
    const token = await serviceToken(server, { scope: 'clients:write users:write', resource });
    for (const path of ['', '/export', '/sinks', '/1']) {
      const { status } = await fetch(`${resource}/v1/audit-events${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(status).toBe(403);
    }
  });

  it('is taken home as JSON lines in the order of the chain, which goes on after the last that arrived', async () => {
    await settled();
    const whole = await lines();
    const count = whole.length;
    expect(whole.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
    const rest = await lines(`after_sequence=${count - 2}`);
    expect(rest.slice(0, 2)).toEqual(whole.slice(-2));
    await expect(lines(`person=${ann.sub}&type=user.*`)).resolves.toMatchObject([{ type: 'user.created' }]);
    await expect(list('type=audit.exported&limit=1')).resolves.toMatchObject([
      { details: { filter: { person: ann.sub, type: expect.stringContaining('user.created') }, after: 0 } },
    ]);
  });

  it('is described as what it is: each kind with an example', async () => {
    const answer = await fetch(`${server.issuer}/api/admin/v1/openapi.json`);
    const document = JSON.parse(await answer.text());
    const kinds: unknown = document.components.schemas.AuditEvent.allOf[1].anyOf;
    for (const type of await types('limit=100'))
      expect(kinds).toContainEqual(
        expect.objectContaining({ title: type, examples: [expect.objectContaining({ type })] }),
      );
  });
});
