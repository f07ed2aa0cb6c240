import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerService } from '../flows/protocol/app.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const base = '/api/admin/v1';

describe('a creation with an Idempotency-Key', () => {
  let attacked: Attacked;
  let token: string;
  beforeAll(async () => {
    attacked = await startAttacked();
    token = await attacked.servers[0].adminToken();
  });
  afterAll(() => attacked.dispose());

  interface Post {
    path?: string;
    body?: unknown;
    key?: string;
    process?: 0 | 1;
    bearer?: string;
  }
  const post = ({ path = 'clients', body = aClient(), key, process = 0, bearer = token }: Post) =>
    attacked.send(`${base}/${path}`, {
      process,
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    });
  const aClient = (name = 'Made once') => ({
    client_name: name,
    redirect_uris: ['https://app.example/callback'],
  });
  const clientsNamed = async (name: string): Promise<number> => {
    const rows = await attacked.database.rows(
      `select 1 from client where metadata ->> 'client_name' = '${name}'`,
    );
    return rows.length;
  };
  const aKey = (): string => `"${randomUUID()}"`;
  const codeOf = ({ text }: { text: string }): unknown => JSON.parse(text).code;

  it('is answered alike when it is repeated, secret included, by whichever process', async () => {
    const key = aKey();
    const body = aClient('Repeated');
    const first = await post({ body, key });
    expect([first.status, JSON.parse(first.text).client_secret]).toEqual([201, expect.any(String)]);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    for (const process of [0, 1] as const) {
      const again = await post({ body, key, process });
      expect([again.status, again.text]).toEqual([first.status, first.text]);
      expect(again.headers).toMatchObject({
        location: first.headers.location,
        etag: first.headers.etag,
        'content-type': first.headers['content-type'],
        'idempotency-replayed': 'true',
      });
    }
    expect(await clientsNamed('Repeated')).toBe(1);
  });

  it('leaves one row of the audit log, however often it is repeated', async () => {
    const before = await attacked.database.lastAuditId();
    const key = aKey();
    const body = aClient('Audited');
    for (let time = 0; time < 3; time += 1) expect((await post({ body, key })).status).toBe(201);
    const types = (await attacked.database.auditAfter(before)).map(({ type }) => type);
    expect(types.filter((type) => type === 'client.created')).toHaveLength(1);
  });

  it('is refused with 422 when the body is another one', async () => {
    const key = aKey();
    expect((await post({ body: aClient('First'), key })).status).toBe(201);
    const other = await post({ body: aClient('Second'), key });
    expect([other.status, codeOf(other)]).toEqual([422, 'idempotency_key_reused']);
    expect(await clientsNamed('Second')).toBe(0);
  });

  it('is another one under the same key elsewhere, or of somebody else', async () => {
    const key = aKey();
    expect((await post({ body: aClient('Mine'), key })).status).toBe(201);
    const user = await post({ path: 'users', body: { email: 'elsewhere@example.org' }, key });
    expect(user.status).toBe(201);
    const other = await registerService(attacked.servers[0], { scope: 'clients:write' });
    const { body } = await other.post('token', {
      grant_type: 'client_credentials',
      scope: 'clients:write',
      resource: `${attacked.issuer}/api/admin`,
    });
    const bearer = String(body.access_token);
    const theirs = await post({ body: aClient('Mine'), key, bearer });
    expect(theirs.status).toBe(201);
    expect(await clientsNamed('Mine')).toBe(2);
  });

  it('can be repeated with the same key after it was refused', async () => {
    const key = aKey();
    const body = { ...aClient('Mended'), client_id: 'c1' };
    const taken = await post({ body, key });
    expect([taken.status, codeOf(taken)]).toEqual([409, 'client_id_taken']);
    expect((await post({ body: { ...body, client_id: 'mended' }, key })).status).toBe(201);
  });

  it.each(['""', '"a", "b"', `"${'k'.repeat(256)}"`, 'a b'])('is refused with the key %s', async (key) => {
    const answer = await post({ body: aClient('Bad key'), key });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_idempotency_key']);
    expect(await clientsNamed('Bad key')).toBe(0);
  });

  it('hides the secret where it rests', async () => {
    const made = JSON.parse((await post({ key: aKey() })).text);
    const rows = await attacked.database.rows('select answer_encrypted from kept_answer');
    expect(rows.length).toBeGreaterThan(0);
    for (const { answer_encrypted: text } of rows) {
      expect(text).toMatch(/^v1\.[\w-]+\.[\w-]+$/);
      expect(text).not.toContain(made.client_secret);
    }
  });

  it('hashes a password once, and makes one user', async () => {
    const key = aKey();
    const body = { email: 'once@example.org', password: 'seven otters paint blue doors' };
    const [first, second] = [
      await post({ path: 'users', body, key }),
      await post({ path: 'users', body, key }),
    ];
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
  });

  it.each(['clients', 'users'])('is done once when 50 ask at once on two processes (%s)', async (path) => {
    const key = aKey();
    const name = `Race of ${path}`;
    const body =
      path === 'clients' ? aClient(name) : { email: 'race@example.org', password: `${name} it is` };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => post({ path, body, key, process: index % 2 === 0 ? 0 : 1 })),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect([answer.status, codeOf(answer)]).toEqual([409, 'request_in_progress']);
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect(made.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    const after = await post({ path, body, key });
    expect([after.status, after.text]).toEqual([201, made[0]?.text]);
  });

  it('is done once though the process is killed in between', async () => {
    const keys = Array.from({ length: 40 }, aKey);
    const sent = keys.map((key, index) =>
      post({ key, body: aClient('Killed'), process: 1 }).then(
        ({ status, text }) => ({ index, status, text }),
        () => undefined,
      ),
    );
    await waitFor('some are made', async () => (await clientsNamed('Killed')) > 2);
    await attacked.servers[1].kill9();
    const answered = (await Promise.all(sent)).filter((answer) => answer !== undefined);
    await attacked.restartSecond();
    for (const [index, key] of keys.entries()) {
      const again = await post({ key, body: aClient('Killed'), process: 1 });
      expect(again.status).toBe(201);
      const before = answered.find((answer) => answer.index === index);
      if (before?.status === 201) expect(again.text).toBe(before.text);
    }
    expect(await clientsNamed('Killed')).toBe(keys.length);
  });
});
