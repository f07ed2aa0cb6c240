import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BootstrapClient, makeBootstrapClient } from '../../../server/clients/bootstrap-client.ts';
import { accountClientId } from '../../../server/clients/built-in.ts';
import { type CreateClient, makeCreateClient } from '../../../server/clients/create-client.ts';
import { type DeleteClient, makeDeleteClient } from '../../../server/clients/delete-client.ts';
import { makeEnsureBuiltInClients } from '../../../server/clients/ensure-built-in-clients.ts';
import { hashSecret, judgeSecret } from '../../../server/clients/secret.ts';
import { makeUpdateClient, type UpdateClient } from '../../../server/clients/update-client.ts';
import { randomIds } from '../../../server/ids.ts';
import { aClient, anAccount, aWord, someTime } from '../../contracts/builders.ts';
import { type AuditRow, openStores, type Stores } from '../../contracts/stores.ts';

const by = { kind: 'operator', id: 'somebody' } as const;
const callback = ['https://app.example.com/callback'];
const laterId = (text: string): RegExp => new RegExp(`^${text}$`);

let stores: Stores;
let createClient: CreateClient;
let updateClient: UpdateClient;
let deleteClient: DeleteClient;
let bootstrapClient: BootstrapClient;
let ensureBuiltInClients: (issuer: string) => Promise<void>;

beforeAll(async () => {
  stores = await openStores('PostgreSQL');
  const deps = { ...stores, clock: { now: () => someTime }, ids: randomIds };
  createClient = makeCreateClient(deps);
  updateClient = makeUpdateClient(deps);
  deleteClient = makeDeleteClient(deps);
  bootstrapClient = makeBootstrapClient(deps);
  ensureBuiltInClients = makeEnsureBuiltInClients(deps);
});
afterAll(() => stores.close());

const auditOf = (clientId: string): Promise<AuditRow[]> =>
  stores.database
    .current()('audit_event')
    .where({ client_id: clientId })
    .orderBy('id')
    .select('type', 'data');

const typesOf = async (clientId: string): Promise<string[]> =>
  (await auditOf(clientId)).map(({ type }) => type);

async function created(metadata: object, clientId?: string) {
  const outcome = await createClient({ clientId, metadata, by });
  if (outcome.kind !== 'created') throw new Error(outcome.kind);
  return outcome;
}

const secretsOf = async (id: string) => (await stores.clients.findWithSecrets(id))?.secrets ?? [];

describe('creating a client', () => {
  it('makes an id and a secret of 256 bits, and keeps only the hash of the secret', async () => {
    const { client, secret } = await created({ redirect_uris: callback });
    expect(client.id).toMatch(laterId('[A-Za-z0-9_-]{22}'));
    expect(secret).toMatch(laterId('[A-Za-z0-9_-]{43}'));
    const [kept, ...more] = await secretsOf(client.id);
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ hash: hashSecret(secret ?? ''), expiresAt: null });
    await expect(stores.clients.find(client.id)).resolves.toEqual(client);
    const rows = await auditOf(client.id);
    expect(rows.map(({ type }) => type)).toEqual(['client.created']);
    expect(rows[0]).toHaveProperty('data.change.after.secret_ids', [kept?.id]);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(kept?.hash);
  });

  it.each([
    ['a public client', { redirect_uris: callback, token_endpoint_auth_method: 'none' }],
    [
      'one with keys',
      {
        redirect_uris: callback,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://app.example.com/k',
      },
    ],
  ])('makes no secret for %s', async (_what, metadata) => {
    const { client, secret } = await created(metadata);
    expect(secret).toBeUndefined();
    await expect(secretsOf(client.id)).resolves.toEqual([]);
  });

  it('honours an id that was asked for, once', async () => {
    const id = `app.${aWord()}~x`;
    await created({ redirect_uris: callback }, id);
    const again = await createClient({ clientId: id, metadata: { redirect_uris: callback }, by });
    expect(again).toEqual({ kind: 'client_id_taken' });
    await expect(typesOf(id)).resolves.toEqual(['client.created']);
  });

  it.each(['', ' ', 'a b', 'a/b', '.', '..', 'a'.repeat(129), 'ä', 7, null, {}])(
    'refuses the id %j, together with everything else that is wrong',
    async (clientId) => {
      await expect(createClient({ clientId, metadata: {}, by })).resolves.toMatchObject({
        kind: 'refused',
        fields: [{ field: 'client_id' }, { field: 'redirect_uris' }],
      });
    },
  );

  it('refuses the id of a person, whose tokens it could otherwise imitate (RFC 9700 4.15)', async () => {
    const account = anAccount();
    await stores.accounts.insert(account);
    const outcome = await createClient({ clientId: account.id, metadata: { redirect_uris: callback }, by });
    expect(outcome).toEqual({ kind: 'client_id_taken' });
  });

  it('leaves nothing behind when its event cannot be written', async () => {
    const id = aWord();
    const failing = makeCreateClient({
      ...stores,
      audit: { append: () => Promise.reject(new Error('the audit log is full')) },
      clock: { now: () => someTime },
      ids: randomIds,
    });
    await expect(failing({ clientId: id, metadata: { redirect_uris: callback }, by })).rejects.toThrow(
      'full',
    );
    await expect(stores.clients.find(id)).resolves.toBeUndefined();
  });
});

describe('changing a client', () => {
  it('replaces the whole, grows the version, and tells the audit log what changed', async () => {
    const { client } = await created({ redirect_uris: callback, client_name: 'One' });
    const change = {
      kind: 'replace',
      metadata: { redirect_uris: callback, client_name: 'Two', skip_consent: true },
    } as const;
    const outcome = await updateClient({ id: client.id, change, by });
    expect(outcome).toMatchObject({
      kind: 'updated',
      client: { version: 2, metadata: { client_name: 'Two' } },
    });
    await expect(stores.clients.find(client.id)).resolves.toEqual(
      outcome.kind === 'updated' && outcome.client,
    );
    expect((await auditOf(client.id)).at(-1)).toEqual({
      type: 'client.updated',
      data: {
        change: {
          before: { client_name: 'One', skip_consent: false },
          after: { client_name: 'Two', skip_consent: true },
        },
      },
    });
  });

  it('writes nothing when nothing changes', async () => {
    const { client } = await created({ redirect_uris: callback });
    const outcome = await updateClient({ id: client.id, change: { kind: 'merge', patch: {} }, by });
    expect(outcome).toEqual({ kind: 'updated', client });
    await expect(typesOf(client.id)).resolves.toEqual(['client.created']);
  });

  it('keeps its secrets while it needs them, ends them when it does not, and makes a new one when it does again', async () => {
    const { client, secret } = await created({ redirect_uris: callback });
    const patch = (method: string) =>
      updateClient({
        id: client.id,
        change: { kind: 'merge', patch: { token_endpoint_auth_method: method } },
        by,
      });
    await expect(patch('client_secret_post')).resolves.not.toHaveProperty('secret');
    await expect(secretsOf(client.id)).resolves.toHaveLength(1);
    await expect(patch('none')).resolves.not.toHaveProperty('secret');
    await expect(secretsOf(client.id)).resolves.toEqual([]);
    const back = await patch('client_secret_basic');
    expect(back).toMatchObject({ kind: 'updated', secret: expect.any(String) });
    const fresh = back.kind === 'updated' ? back.secret : undefined;
    expect(judgeSecret(secret ?? '', await secretsOf(client.id), someTime).kind).toBe('unknown');
    expect(judgeSecret(fresh ?? '', await secretsOf(client.id), someTime).kind).toBe('matches');
  });

  it.each([
    ['is another one', { expectedVersion: 7 }, 'stale'],
    ['is gone', { id: 'no-such-client' }, 'missing'],
  ])('is refused when the client %s', async (_what, difference, kind) => {
    const { client } = await created({ redirect_uris: callback });
    const change = { kind: 'merge', patch: { client_name: 'x' } } as const;
    await expect(updateClient({ id: client.id, change, by, ...difference })).resolves.toEqual({ kind });
  });

  it('lets exactly one of many who saw the same version win', async () => {
    const { client } = await created({ redirect_uris: callback });
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        updateClient({
          id: client.id,
          expectedVersion: 1,
          change: { kind: 'merge', patch: { client_name: `Name ${index}` } },
          by,
        }),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'updated')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'stale')).toHaveLength(7);
    expect((await typesOf(client.id)).filter((type) => type === 'client.updated')).toHaveLength(1);
  });

  it('is refused for a client of the server itself, as is its end', async () => {
    const own = aClient({ builtIn: true });
    await stores.clients.insert(own);
    const change = { kind: 'merge', patch: { client_name: 'x' } } as const;
    await expect(updateClient({ id: own.id, change, by })).resolves.toEqual({ kind: 'built_in' });
    await expect(deleteClient({ id: own.id, by })).resolves.toEqual({ kind: 'built_in' });
  });
});

describe('deleting a client', () => {
  it('takes its secrets along and writes one event', async () => {
    const { client } = await created({ redirect_uris: callback });
    await expect(deleteClient({ id: client.id, expectedVersion: 2, by })).resolves.toEqual({ kind: 'stale' });
    await expect(deleteClient({ id: client.id, expectedVersion: 1, by })).resolves.toEqual({
      kind: 'deleted',
    });
    await expect(deleteClient({ id: client.id, by })).resolves.toEqual({ kind: 'missing' });
    await expect(stores.clients.findWithSecrets(client.id)).resolves.toBeUndefined();
    await expect(typesOf(client.id)).resolves.toEqual(['client.created', 'client.deleted']);
  });
});

describe('at start', () => {
  it("makes the operator's first client once, also when many processes start, and leaves it alone afterwards", async () => {
    const id = aWord();
    const starts = Array.from({ length: 5 }, (_, index) =>
      bootstrapClient({ id, secret: `secret-${index}` }),
    );
    const kinds = (await Promise.all(starts)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['created', 'present', 'present', 'present', 'present']);
    await expect(secretsOf(id)).resolves.toHaveLength(1);
    await expect(stores.clients.find(id)).resolves.toMatchObject({
      builtIn: false,
      metadata: { grant_types: ['client_credentials'], scope: expect.stringContaining('roles:write') },
    });
    await expect(typesOf(id)).resolves.toEqual(['client.created']);
  });

  it("brings the server's own clients to what this issuer needs, and rests when they are", async () => {
    await Promise.all([1, 2, 3].map(() => ensureBuiltInClients('https://old.example.org')));
    await ensureBuiltInClients('https://new.example.org');
    await ensureBuiltInClients('https://new.example.org');
    await expect(stores.clients.find(accountClientId)).resolves.toMatchObject({
      builtIn: true,
      metadata: {
        redirect_uris: ['https://new.example.org/account', 'https://new.example.org/account/back'],
      },
    });
    await expect(typesOf(accountClientId)).resolves.toEqual(['client.created', 'client.updated']);
  });

  it("does not start over an operator's client of the same id", async () => {
    const other = await openStores('PostgreSQL');
    try {
      await other.clients.insert(aClient({ id: accountClientId }));
      const ensure = makeEnsureBuiltInClients({ ...other, clock: { now: () => someTime } });
      await expect(ensure('https://id.example.org')).rejects.toThrow(accountClientId);
    } finally {
      await other.close();
    }
  });
});
