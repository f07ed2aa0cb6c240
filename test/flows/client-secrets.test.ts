import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askForToken, makeService, type Service, servedAfter, startTwo } from '../process/changes.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { waitFor } from '../support/wait-for.ts';

/** Two servers on one database: what an operator changes at one of them counts at the other within a second. */
describe('the secrets of a client, in the admin API', () => {
  let here: RunningGatehouse;
  let there: RunningGatehouse;
  beforeAll(async () => {
    [here, there] = await startTwo({ GATEHOUSE_JANITOR_INTERVAL: '1s' });
  });
  afterAll(async () => {
    await there.dispose();
    await here.dispose();
  });

  const pathOf = ({ id }: Service, secretId?: unknown): string =>
    `clients/${id}/secrets${typeof secretId === 'string' ? `/${secretId}` : ''}`;
  const add = async (service: Service, body: Record<string, unknown> = {}) => {
    const made = await here.admin('POST', pathOf(service), body);
    expect(made.status).toBe(201);
    return made.body;
  };
  const list = async (service: Service) => (await here.admin('GET', pathOf(service))).body.items ?? [];
  const inSeconds = (): number => Math.floor(Date.now() / 1000);

  it('are shown once, when they are made, and never again', async () => {
    const service = await makeService(here);
    const until = inSeconds() + 3600;
    const made = await here.admin('POST', pathOf(service), { description: 'Blue', expires_at: until });
    expect(made.body).toEqual({
      id: expect.any(String),
      description: 'Blue',
      created_at: expect.any(Number),
      expires_at: until,
      last_used_at: null,
      status: 'active',
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
    });
    const path = pathOf(service, made.body.id);
    expect(made.headers.get('location')).toBe(`${here.issuer}/api/admin/v1/${path}`);
    const { client_secret: secret, ...known } = made.body;
    await expect(here.admin('GET', path)).resolves.toMatchObject({ status: 200, body: known });
    const items = await list(service);
    expect(items).toHaveLength(2);
    expect(items).toContainEqual(known);
    expect(JSON.stringify(items)).not.toContain(String(secret));
    expect(Object.keys(items[0] ?? {}).toSorted()).toEqual(Object.keys(known).toSorted());
  });

  it('are good side by side, at every process, and each ends at another one within a second', async () => {
    const service = await makeService(here);
    const made = await add(service);
    const second = { ...service, secret: String(made.client_secret) };
    await waitFor('the new one is good there', async () => (await askForToken(there, second)) === 200);
    expect(await askForToken(there, service)).toBe(200);
    const remove = () => here.admin('DELETE', pathOf(service, made.id));
    expect(await servedAfter(there, second, remove)).toBeLessThan(1000);
    expect(await askForToken(there, service)).toBe(200);
    expect(await askForToken(here, second)).toBe(401);
  });

  it('rotate while a service asks for tokens at both processes all the time, and no request fails', async () => {
    const service = await makeService(here);
    const statuses: number[] = [];
    let present = service;
    let isOver = false;
    const use = async (server: RunningGatehouse): Promise<void> => {
      while (!isOver) statuses.push(await askForToken(server, present));
    };
    const users = Promise.all([here, there, here, there].map(use));
    const more = (count: number) => {
      const from = statuses.length;
      return waitFor(`${count} more tokens were asked for`, () => statuses.length >= from + count);
    };
    await more(40);
    for (let round = 0; round < 3; round += 1) {
      const made = await add(service, { expire_others_in: 3, description: `Round ${round}` });
      const next = { ...service, secret: String(made.client_secret) };
      // What an operator's deployment does: some time later the program has the new one.
      await waitFor('it is good there', async () => (await askForToken(there, next)) === 200);
      const before = present;
      present = next;
      await waitFor('the old one is over', async () => (await askForToken(there, before)) === 401);
      await more(20);
    }
    isOver = true;
    await users;
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(100);
    expect((await list(service)).map(({ status }) => status)).toEqual([
      'expired',
      'expired',
      'expired',
      'active',
    ]);
  }, 60_000);

  it('tell when they were used last, at whichever process', async () => {
    const service = await makeService(here);
    const other = await add(service);
    const before = inSeconds();
    expect(await askForToken(there, service)).toBe(200);
    const used = await waitFor('the use is seen', async () => {
      const item = (await list(service)).find(({ last_used_at: at }) => at !== null);
      return item ?? false;
    });
    expect(used.id).not.toBe(other.id);
    expect(Number(used.last_used_at)).toBeGreaterThanOrEqual(before);
    expect((await here.admin('GET', pathOf(service, other.id))).body.last_used_at).toBeNull();
  });

  it('are given another end, which counts at once, but not one in the past', async () => {
    const service = await makeService(here);
    const made = await add(service, { lifetime: 3600 });
    const second = { ...service, secret: String(made.client_secret) };
    const path = pathOf(service, made.id);
    await expect(here.admin('PATCH', path, { expires_at: inSeconds() - 1 })).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field: 'expires_at' }] },
    });
    const renamed = await here.admin('PATCH', path, { expires_at: null, description: 'For good' });
    expect(renamed.body).toMatchObject({ expires_at: null, description: 'For good' });
    await here.admin('PATCH', path, { expires_at: inSeconds() + 2 });
    await waitFor('it is over', async () => (await askForToken(there, second)) === 401);
    await expect(here.admin('PATCH', path, { expires_at: null })).resolves.toMatchObject({
      status: 409,
      body: { code: 'secret_expired' },
    });
  });

  it('are five at most, and the last one stays', async () => {
    const service = await makeService(here);
    const [first] = await list(service);
    await expect(here.admin('DELETE', pathOf(service, first?.id))).resolves.toMatchObject({
      status: 409,
      body: { code: 'last_secret' },
    });
    for (let count = 0; count < 4; count += 1) await add(service);
    await expect(here.admin('POST', pathOf(service), {})).resolves.toMatchObject({
      status: 409,
      body: { code: 'too_many_secrets' },
    });
    await add(service, { expire_others_in: 0 });
    expect(await askForToken(here, service)).toBe(401);
  });

  it('are nothing for a client that proves itself otherwise, nor for one that is not there', async () => {
    const { body: app } = await here.admin('POST', 'clients', {
      redirect_uris: ['https://app.example/cb'],
      token_endpoint_auth_method: 'none',
    });
    await expect(here.admin('POST', `clients/${String(app.client_id)}/secrets`, {})).resolves.toMatchObject({
      status: 409,
      body: { code: 'no_secrets' },
    });
    await expect(here.admin('GET', `clients/${String(app.client_id)}/secrets`)).resolves.toMatchObject({
      status: 200,
      body: { items: [], next: null },
    });
    await expect(here.admin('GET', 'clients/nobody/secrets')).resolves.toMatchObject({
      status: 404,
      body: { code: 'client_not_found' },
    });
    const [one, two] = [await makeService(here), await makeService(here)];
    const [foreign] = await list(two);
    for (const id of [foreign?.id, 'nothing', '..%2f..'])
      for (const method of ['GET', 'DELETE', 'PATCH'])
        await expect(
          here.admin(method, pathOf(one, id), method === 'PATCH' ? {} : undefined),
        ).resolves.toMatchObject({ status: 404, body: { code: 'secret_not_found' } });
  });

  it.each([
    [{ expires_at: 'soon' }],
    [{ expires_at: 9e15 }],
    [{ expires_at: 4102444800, lifetime: 60 }],
    [{ lifetime: 0 }],
    [{ expire_others_in: -1 }],
    [{ description: 'a\u0000b' }],
    [{ client_secret: 'x'.repeat(43) }],
    [{ hash: 'x' }],
  ])('are not made by %j', async (body) => {
    const service = await makeService(here);
    await expect(here.admin('POST', pathOf(service), body)).resolves.toMatchObject({ status: 400 });
    expect(await list(service)).toHaveLength(1);
  });

  it('are for those who may write clients, and hold what the client may do', async () => {
    const service = await makeService(here);
    const as = async (server: RunningGatehouse, scopes: string[]) => ({
      authorization: `Bearer ${await server.adminToken(scopes)}`,
    });
    const strong = await here.admin('POST', 'clients', {
      grant_types: ['client_credentials'],
      scope: 'users:write',
    });
    const weak = await as(here, ['clients:write']);
    const create = (id: unknown, headers: Record<string, string>) =>
      here.admin('POST', `clients/${String(id)}/secrets`, {}, headers);
    await expect(create(service.id, await as(here, ['clients:read']))).resolves.toMatchObject({
      status: 403,
    });
    await expect(create(service.id, weak)).resolves.toMatchObject({ status: 201 });
    await expect(create(strong.body.client_id, weak)).resolves.toMatchObject({ status: 403 });
  });
});
