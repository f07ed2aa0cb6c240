import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { Client, ClientSecret } from '../../server/clients/client.ts';
import type { ClientStore } from '../../server/clients/store.ts';
import { aClient, aWord, someTime } from './builders.ts';

export interface ClientStoreUnderTest {
  clients: ClientStore;
  database: Database;
}

/** The promises of the port ClientStore. Its clock is stopped at `someTime`. */
export function describeClientStore(name: string, open: () => ClientStoreUnderTest): void {
  describe(`${name}: client store`, () => {
    let clients: ClientStore;
    let database: Database;
    beforeAll(() => {
      ({ clients, database } = open());
    });

    const plus = (ms: number) => new Date(someTime.getTime() + ms);
    const insert = async (overrides: Partial<Client> = {}): Promise<Client> => {
      const client = aClient(overrides);
      await expect(clients.insert(client)).resolves.toEqual({ kind: 'written' });
      return client;
    };
    const insertSecret = async (clientId: string, overrides: Partial<ClientSecret> = {}) => {
      const times = { createdAt: someTime, expiresAt: null, lastUsedAt: null, description: null };
      const secret: ClientSecret = { id: aWord(), clientId, hash: aWord(), ...times, ...overrides };
      await clients.insertSecret(secret);
      return secret;
    };
    const tokenRef: unknown = expect.stringMatching(/^[\da-f-]{36}$/);
    const named = (clientName: string) => ({ metadata: { ...aClient().metadata, client_name: clientName } });

    it('gives a client back as it was written', async () => {
      const client = await insert({
        ...named('Ünïcode “App”'),
        builtIn: true,
        updatedAt: plus(1),
        version: 4,
      });
      await expect(clients.find(client.id)).resolves.toEqual(client);
      await expect(clients.find(aWord())).resolves.toBeUndefined();
    });

    it('takes ids that differ in case for different ones', async () => {
      const client = await insert();
      await expect(clients.find(client.id.toUpperCase())).resolves.toBeUndefined();
      await insert({ id: client.id.toUpperCase() });
    });

    it('lets exactly one of 50 parallel inserts have an id, also within transactions', async () => {
      const rivals = Array.from({ length: 50 }, () => aClient({ id: 'rival' }));
      const outcomes = await Promise.all(
        rivals.map((client) => database.inTransaction(() => clients.insert(client))),
      );
      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'client_id_taken')).toHaveLength(49);
    });

    it('leaves the transaction usable after a refusal', async () => {
      const [taken, other] = [await insert(), aClient()];
      await database.inTransaction(async () => {
        await expect(clients.insert(aClient({ id: taken.id }))).resolves.toEqual({ kind: 'client_id_taken' });
        await expect(clients.insert(other)).resolves.toEqual({ kind: 'written' });
      });
      await expect(clients.find(other.id)).resolves.toEqual(other);
    });

    it('gives a client with its live secrets, oldest first, and those that are over', async () => {
      const client = await insert();
      await expect(clients.findWithSecrets(client.id)).resolves.toEqual({
        client,
        secrets: [],
        expired: [],
        tokenRef,
        roles: [],
      });
      const second = await insertSecret(client.id, { createdAt: plus(2), expiresAt: plus(1) });
      const first = await insertSecret(client.id, { createdAt: plus(1), lastUsedAt: plus(3) });
      const over = await insertSecret(client.id, { expiresAt: someTime, description: 'The old one' });
      await insertSecret((await insert()).id);
      await expect(clients.findWithSecrets(client.id)).resolves.toEqual({
        client,
        secrets: [first, second],
        expired: [over],
        tokenRef,
        roles: [],
      });
      await expect(clients.findWithSecrets(aWord())).resolves.toBeUndefined();
    });

    it('names each registration, also of the same client made again', async () => {
      const client = await insert();
      const first = await clients.findWithSecrets(client.id);
      await clients.update({ ...client, ...named('Changed') }, 1);
      await expect(clients.findWithSecrets(client.id)).resolves.toMatchObject({ tokenRef: first?.tokenRef });
      await clients.delete(client.id);
      await clients.insert(client);
      const second = await clients.findWithSecrets(client.id);
      expect(second?.client).toEqual(client);
      expect(second?.tokenRef).not.toBe(first?.tokenRef);
    });

    it('gives a client whose secrets have all expired, without a live one', async () => {
      const client = await insert();
      const expired = [await insertSecret(client.id, { expiresAt: plus(-1) })];
      await expect(clients.findWithSecrets(client.id)).resolves.toEqual({
        client,
        secrets: [],
        expired,
        tokenRef,
        roles: [],
      });
    });

    it('deletes the secrets of one client, expired ones too', async () => {
      const [client, other] = [await insert(), await insert()];
      await insertSecret(client.id);
      await insertSecret(client.id, { expiresAt: plus(-1) });
      const kept = await insertSecret(other.id);
      await clients.deleteSecrets(client.id);
      await expect(clients.findWithSecrets(client.id)).resolves.toEqual({
        client,
        secrets: [],
        expired: [],
        tokenRef,
        roles: [],
      });
      await expect(clients.findWithSecrets(other.id)).resolves.toEqual({
        client: other,
        secrets: [kept],
        expired: [],
        tokenRef,
        roles: [],
      });
      const left: unknown = await database
        .current()('client_secret')
        .where({ client_id: client.id })
        .first('id');
      expect(left).toBeUndefined();
    });

    it('replaces metadata in the expected version only', async () => {
      const client = await insert();
      const changed = { ...client, ...named('Changed'), updatedAt: plus(5), version: 2 };
      await expect(clients.update(changed, 2)).resolves.toEqual({ kind: 'stale' });
      await expect(clients.update(changed, 1)).resolves.toEqual({ kind: 'written' });
      await expect(clients.update(changed, 1)).resolves.toEqual({ kind: 'stale' });
      await expect(clients.find(client.id)).resolves.toEqual(changed);
      await expect(clients.update(aClient(), 1)).resolves.toEqual({ kind: 'missing' });
    });

    it('lets exactly one of 20 parallel updates of one version win', async () => {
      const client = await insert();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => clients.update({ ...client, ...named(`Try ${index}`) }, 1)),
      );
      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'stale')).toHaveLength(19);
    });

    it('deletes the client with its secrets and all that was issued to it', async () => {
      const [client, other] = [await insert(), await insert()];
      await insertSecret(client.id);
      const issue = (clientId: string) =>
        database
          .current()('oidc_artifact')
          .insert({
            model: 'AccessToken',
            id_hash: Buffer.from(aWord()),
            payload: '{}',
            client_id: clientId,
          });
      await issue(client.id);
      await issue(other.id);
      const count = async (table: string, clientId: string) =>
        (await database.current()(table).where({ client_id: clientId }).select('client_id')).length;

      await expect(clients.delete(client.id, 2)).resolves.toBe(false);
      await expect(count('oidc_artifact', client.id)).resolves.toBe(1);
      await expect(clients.delete(client.id, 1)).resolves.toBe(true);
      await expect(clients.delete(client.id)).resolves.toBe(false);
      await expect(clients.find(client.id)).resolves.toBeUndefined();
      await expect(count('client_secret', client.id)).resolves.toBe(0);
      await expect(count('oidc_artifact', client.id)).resolves.toBe(0);
      await expect(count('oidc_artifact', other.id)).resolves.toBe(1);
    });

    it('pages by time of creation and then by id, and searches by the start of id and name', async () => {
      const word = aWord();
      const b = await insert({ id: `${word}-b` });
      const a = await insert({ id: `${word}-a` });
      const first = await insert({ ...named(`${word.toUpperCase()} app`), createdAt: plus(-1) });
      await insert(named(`not ${word}`));
      const page = await clients.list({ limit: 2, search: ` ${word.toUpperCase()}` });
      expect(page.items).toEqual([first, a]);
      await expect(clients.list({ limit: 2, search: word, after: page.next ?? '' })).resolves.toEqual({
        items: [b],
        next: null,
      });
      await expect(clients.list({ limit: 2, after: 'nonsense' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });
  });
}
