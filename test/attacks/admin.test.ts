import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makePerson } from '../support/person.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { expectRefusal } from './refusal.ts';

interface Operation {
  method: string;
  path: string;
  scope: string;
}

interface Described {
  security: { gatehouse: string[] }[];
}

const base = '/api/admin/v1';

describe('attacks on what only operators may do', () => {
  let attacked: Attacked;
  let operations: Operation[];
  beforeAll(async () => {
    attacked = await startAttacked();
    const description: { paths: Record<string, Record<string, Described>> } = JSON.parse(
      (await attacked.send(`${base}/openapi.json`)).text,
    );
    const ids: Record<string, string> = { clients: 'c1', users: attacked.people.user.sub };
    operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
        .map(([method, { security }]) => ({
          method: method.toUpperCase(),
          path: base + path.replaceAll(/\{\w+\}/g, ids[path.split('/')[1] ?? ''] ?? 'x'),
          scope: security[0]?.gatehouse[0] ?? '',
        })),
    );
  });
  afterAll(() => attacked.dispose());

  const call = ({ method, path }: Operation, headers: Record<string, string>) =>
    attacked.send(path, {
      method,
      headers: { accept: 'application/json', ...headers },
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }),
    });

  const json = { 'content-type': 'application/json' };

  async function expectClosed(
    status: number,
    reason: string,
    headers: Record<string, string>,
    which: readonly Operation[] = operations,
  ): Promise<void> {
    for (const operation of which) {
      const audit = { type: 'admin.refused', reason };
      await expectRefusal(attacked, { status, audit }, () => call(operation, { ...json, ...headers }));
    }
  }

  it('I03 no route answers without a token', async () => {
    expect(operations.length).toBeGreaterThanOrEqual(11);
    await expectClosed(401, 'no_token', {});
  });

  it("I03 no route takes an administrator's session for a token", async () => {
    const person = makePerson(attacked.issuer);
    await attacked.apps.c1.signIn(person, attacked.people.admin);
    const cookie = person.jar.header(new URL(base, attacked.issuer)) ?? '';
    expect(cookie).toContain('gatehouse_session=');
    await expectClosed(401, 'no_token', { cookie, origin: attacked.issuer, 'sec-fetch-site': 'same-origin' });
  });

  it('I03 no route takes a token from the query or the body', async () => {
    const token = await attacked.servers[0].adminToken();
    const inQuery = operations.map(({ path, ...operation }) => ({
      ...operation,
      path: `${path}?access_token=${token}`,
    }));
    await expectClosed(401, 'no_token', {}, inQuery);
  });

  it("I03 no route takes a person's token for apps, or an ID token", async () => {
    const { c2 } = attacked.apps;
    const { body } = await c2.signIn(makePerson(attacked.issuer), attacked.people.admin);
    for (const token of [body.access_token, body.id_token, body.refresh_token])
      await expectClosed(401, 'invalid_token', { authorization: `Bearer ${token}` });
    for (const authorization of ['Bearer', 'Bearer ', 'Basic eDp4', 'Bearer x y', 'DPoP x'])
      await expectClosed(401, 'invalid_token', { authorization }, operations.slice(0, 1));
  });

  it('I03 a person who is no administrator gets no scope for it, and the token that comes opens nothing', async () => {
    const { c1 } = attacked.apps;
    const extra = { resource: `${attacked.issuer}/api/admin`, scope: 'openid users:write clients:write' };
    const { status, body } = await c1.signIn(makePerson(attacked.issuer), attacked.people.user, extra);
    expect(status).toBe(200);
    expect(String(body.scope)).not.toMatch(/users|clients/);
    for (const operation of operations) {
      const answer = await call(operation, { ...json, authorization: `Bearer ${body.access_token}` });
      expect([401, 403]).toContain(answer.status);
    }
  });

  it('I03 a token with some scopes opens what they name, and nothing else', async () => {
    const { partialAdmin } = attacked;
    const { body } = await partialAdmin.post('token', {
      grant_type: 'client_credentials',
      resource: `${attacked.issuer}/api/admin`,
      scope: 'users:read clients:read users:write clients:write',
    });
    const authorization = `Bearer ${body.access_token}`;
    const isOpen = ({ scope }: Operation) => ['users:read', 'clients:read'].includes(scope);
    const opened = operations.filter(isOpen);
    expect(opened.length).toBeGreaterThan(3);
    for (const operation of opened) {
      // What is below something that is not there is not found; the scope is all that is asked about here.
      const { status } = await call(operation, { authorization });
      expect({ operation, status: status === 404 ? 200 : status }).toEqual({ operation, status: 200 });
    }
    const closed = operations.filter((operation) => !isOpen(operation));
    await expectClosed(403, 'insufficient_scope', { authorization }, closed);
  });

  it('I03 figures, probes and debugging are not on the public port', async () => {
    for (const path of [
      '/metrics',
      '/readyz',
      '/debug',
      '/debug/pprof',
      '/env',
      '/.env',
      '/actuator',
      '/status',
    ]) {
      const { status, text } = await attacked.send(path);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(text).not.toMatch(/gatehouse_|process_cpu|heap/);
    }
    await expect(attacked.send('/healthz')).resolves.toMatchObject({ status: 200, text: 'alive\n' });
    // And on the other port is nothing of the public one.
    const management = await fetch(`${attacked.servers[0].managementUrl}${base}/users`);
    expect(management.status).toBe(404);
  });
});
