import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { AuditLog } from '../../server/audit/event.ts';
import type { Client, ClientSecret } from '../../server/clients/client.ts';
import {
  makeChangeSecret,
  makeCreateSecret,
  makeDeleteSecret,
} from '../../server/clients/secrets/manage-secrets.ts';
import type { ClientSecretStore } from '../../server/clients/secrets/secret-store.ts';
import type { ClientStore } from '../../server/clients/store.ts';
import { randomIds } from '../../server/ids.ts';
import { aClient, aWord, someTime } from './builders.ts';

export interface ClientSecretStoreUnderTest {
  clients: ClientStore;
  clientSecrets: ClientSecretStore;
  audit: AuditLog;
  database: Database;
}

/** The promises of the port ClientSecretStore, and what the use cases decide on it when several come at once. */
export function describeClientSecretStore(name: string, open: () => ClientSecretStoreUnderTest): void {
  describe(`${name}: secrets of clients`, () => {
    let under: ClientSecretStoreUnderTest;
    beforeAll(() => {
      under = open();
    });

    const plus = (ms: number) => new Date(someTime.getTime() + ms);
    const insertClient = async (overrides: Partial<Client> = {}): Promise<Client> => {
      const client = aClient(overrides);
      await under.clients.insert(client);
      return client;
    };
    const insert = async (clientId: string, overrides: Partial<ClientSecret> = {}) => {
      const times = { createdAt: someTime, expiresAt: null, lastUsedAt: null, description: null };
      const secret: ClientSecret = { id: aWord(), clientId, hash: aWord(), ...times, ...overrides };
      await under.clientSecrets.insert(secret);
      return secret;
    };
    const useCases = (now: Date = someTime) => {
      const { clientSecrets, audit, database } = under;
      const clock = { now: () => now };
      const deps = { clientSecrets, audit, inTransaction: database.inTransaction, clock, ids: randomIds };
      return {
        create: makeCreateSecret(deps),
        change: makeChangeSecret(deps),
        delete: makeDeleteSecret(deps),
      };
    };
    const by = { kind: 'system' } as const;
    const wanted = { description: null, expiresAt: null, by };

    it('gives secrets back as they were written, each to its own client, in pages', async () => {
      const [client, other] = [await insertClient(), await insertClient()];
      const second = await insert(client.id, { createdAt: plus(1), description: 'Ünïcode “one”' });
      const first = await insert(client.id, { expiresAt: plus(9), lastUsedAt: plus(-5) });
      const foreign = await insert(other.id);
      const page = await under.clientSecrets.list(client.id, { limit: 1 });
      expect(page.items).toEqual([first]);
      await expect(
        under.clientSecrets.list(client.id, { limit: 1, after: page.next ?? '' }),
      ).resolves.toEqual({ items: [second], next: null });
      await expect(under.clientSecrets.find(client.id, second.id)).resolves.toEqual(second);
      await expect(under.clientSecrets.find(client.id, foreign.id)).resolves.toBeUndefined();
      await expect(under.clientSecrets.list(client.id, { limit: 1, after: 'x' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });

    it('changes and deletes those of the named client only', async () => {
      const [client, other] = [await insertClient(), await insertClient()];
      const [mine, foreign] = [await insert(client.id), await insert(other.id)];
      await under.clientSecrets.update({ ...foreign, clientId: client.id, expiresAt: plus(3) });
      await under.clientSecrets.delete(client.id, [foreign.id]);
      await expect(under.clientSecrets.find(other.id, foreign.id)).resolves.toEqual(foreign);
      await under.clientSecrets.update({ ...mine, expiresAt: plus(3), description: 'Renamed' });
      await expect(under.clientSecrets.find(client.id, mine.id)).resolves.toEqual({
        ...mine,
        expiresAt: plus(3),
        description: 'Renamed',
      });
      await under.clientSecrets.delete(client.id, [mine.id]);
      await expect(under.clientSecrets.find(client.id, mine.id)).resolves.toBeUndefined();
    });

    it('holds a client with all of its secrets, oldest first', async () => {
      const client = await insertClient();
      const second = await insert(client.id, { createdAt: plus(1) });
      const first = await insert(client.id, { expiresAt: plus(-1) });
      await under.database.inTransaction(async () => {
        await expect(under.clientSecrets.hold(client.id)).resolves.toEqual({
          client,
          secrets: [first, second],
        });
        await expect(under.clientSecrets.hold(aWord())).resolves.toBeUndefined();
      });
    });

    it('notes uses, of many secrets at once, and of each no more than once a minute', async () => {
      const client = await insertClient();
      const [one, two, unused] = [await insert(client.id), await insert(client.id), await insert(client.id)];
      const lastUse = async ({ id }: ClientSecret) =>
        (await under.clientSecrets.find(client.id, id))?.lastUsedAt;
      await under.clientSecrets.noteUses([
        { secretId: two.id, at: plus(1) },
        { secretId: one.id, at: plus(2) },
        { secretId: aWord(), at: plus(3) },
      ]);
      expect([await lastUse(one), await lastUse(two), await lastUse(unused)]).toEqual([
        plus(2),
        plus(1),
        null,
      ]);
      await under.clientSecrets.noteUses([{ secretId: one.id, at: plus(40_000) }]);
      expect(await lastUse(one)).toEqual(plus(2));
      await under.clientSecrets.noteUses([{ secretId: one.id, at: plus(60_000) }]);
      expect(await lastUse(one)).toEqual(plus(60_000));
      await under.clientSecrets.noteUses([{ secretId: one.id, at: plus(3) }]);
      expect(await lastUse(one)).toEqual(plus(60_000));
    });

    it('lets no more than five be alive, however many are made at once', async () => {
      const client = await insertClient();
      await insert(client.id, { expiresAt: plus(-1) });
      const { create } = useCases();
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, () => create({ ...wanted, clientId: client.id })),
      );
      expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(5);
      expect(outcomes.filter(({ kind }) => kind === 'too_many')).toHaveLength(7);
    });

    it('leaves one alive, however many are deleted at once', async () => {
      const client = await insertClient();
      const secrets = [await insert(client.id), await insert(client.id), await insert(client.id)];
      const outcomes = await Promise.all(
        secrets.map(({ id }) => useCases().delete({ clientId: client.id, secretId: id, by })),
      );
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['deleted', 'deleted', 'last']);
    });

    it('rotates: the others end when they are told to, those that end earlier stay as they are', async () => {
      const client = await insertClient();
      const soon = await insert(client.id, { expiresAt: plus(1000) });
      const endless = await insert(client.id, { createdAt: plus(1) });
      const made = await useCases().create({ ...wanted, clientId: client.id, expireOthersIn: 60 });
      expect(made).toMatchObject({ kind: 'created', plain: expect.stringMatching(/^[\w-]{43}$/) });
      const { items } = await under.clientSecrets.list(client.id, { limit: 10 });
      expect(items.map(({ id, expiresAt }) => [id, expiresAt])).toEqual(
        expect.arrayContaining([
          [soon.id, plus(1000)],
          [endless.id, plus(60_000)],
        ]),
      );
    });

    it('makes room for a new one by ending the others at once', async () => {
      const client = await insertClient();
      const { create, delete: remove } = useCases();
      for (let count = 0; count < 5; count += 1) await create({ ...wanted, clientId: client.id });
      await expect(create({ ...wanted, clientId: client.id })).resolves.toEqual({ kind: 'too_many' });
      const made = await create({ ...wanted, clientId: client.id, expireOthersIn: 0 });
      const id = made.kind === 'created' ? made.secret.id : '';
      expect((await under.clients.findWithSecrets(client.id))?.secrets.map((secret) => secret.id)).toEqual([
        id,
      ]);
      await expect(remove({ clientId: client.id, secretId: id, by })).resolves.toEqual({ kind: 'last' });
    });

    it('forgets those that expired longest ago', async () => {
      const client = await insertClient();
      const old = [];
      for (let age = 1; age <= 12; age += 1)
        old.push(await insert(client.id, { expiresAt: plus(-age * 1000), createdAt: plus(-age * 1000) }));
      await useCases().create({ ...wanted, clientId: client.id });
      const left = (await under.clientSecrets.list(client.id, { limit: 50 })).items.map(({ id }) => id);
      expect(old.filter(({ id }) => left.includes(id))).toEqual(old.slice(0, 10));
    });

    it('brings none back to life', async () => {
      const client = await insertClient();
      const over = await insert(client.id, { expiresAt: someTime });
      await expect(
        useCases().change({ clientId: client.id, secretId: over.id, expiresAt: null, by }),
      ).resolves.toEqual({ kind: 'expired' });
      await expect(under.clientSecrets.find(client.id, over.id)).resolves.toEqual(over);
    });

    it('has none for clients that need none, nor for those of the server itself', async () => {
      const open = await insertClient({
        metadata: { ...aClient().metadata, token_endpoint_auth_method: 'none' },
      });
      const own = await insertClient({ builtIn: true });
      const { create, change, delete: remove } = useCases();
      for (const [clientId, kind] of [
        [open.id, 'no_secrets'],
        [own.id, 'built_in'],
        [aWord(), 'missing'],
      ] as const) {
        await expect(create({ ...wanted, clientId })).resolves.toEqual({ kind });
        await expect(change({ clientId, secretId: 'x', expiresAt: null, by })).resolves.toEqual({ kind });
        await expect(remove({ clientId, secretId: 'x', by })).resolves.toEqual({ kind });
      }
    });
  });
}
