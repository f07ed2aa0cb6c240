import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type {
  ResourceServerStore,
  RoleUses,
  ScopeRestrictions,
} from '../../server/clients/resource-server-store.ts';
import type { ResourceServer } from '../../server/clients/resource-servers.ts';
import type { RoleStore } from '../../server/clients/roles/role-store.ts';
import type { ClientStore } from '../../server/clients/store.ts';
import { aClient, aResourceServer, aRole, aWord, someTime } from './builders.ts';

export interface ResourceServerStoreUnderTest {
  resourceServers: ResourceServerStore;
  scopeRestrictions: ScopeRestrictions & RoleUses;
  roles: RoleStore;
  clients: ClientStore;
  database: Database;
}

/** The promises of the ports ResourceServerStore and ScopeRestrictions. */
export function describeResourceServerStore(name: string, open: () => ResourceServerStoreUnderTest): void {
  describe(`${name}: resource server store`, () => {
    let servers: ResourceServerStore;
    let restrictions: ScopeRestrictions & RoleUses;
    let roles: RoleStore;
    let clients: ClientStore;
    let database: Database;
    beforeAll(() => {
      ({ resourceServers: servers, scopeRestrictions: restrictions, roles, clients, database } = open());
    });

    const plus = (ms: number) => new Date(someTime.getTime() + ms);
    const insert = async (overrides: Partial<ResourceServer> = {}): Promise<ResourceServer> => {
      const server = aResourceServer(overrides);
      await expect(servers.insert(server)).resolves.toEqual({ kind: 'written' });
      return server;
    };
    const insertClient = async (): Promise<string> => {
      const client = aClient();
      await clients.insert(client);
      return client.id;
    };
    const scope = (scopeName: string, changes: object = {}) => ({
      name: scopeName,
      description: `May ${scopeName}`,
      restricted: false,
      ...changes,
    });

    it('gives a resource server back as it was written, its scopes in their order', async () => {
      const listed = [await insertClient(), await insertClient()].toSorted();
      const server = await insert({
        name: 'Ünïcode “API”',
        scopes: [scope('z'), scope('a', { restricted: true, description: '' }), scope('__proto__')],
        accessTokenFormat: 'opaque',
        accessTokenTtl: 86_400,
        clients: listed,
        scopePolicy: 'refuse',
        updatedAt: plus(1),
        version: 4,
      });
      await expect(servers.find(server.id)).resolves.toEqual(server);
      await expect(servers.findByResource(server.resource)).resolves.toEqual(server);
      await expect(servers.findForChange(server.id)).resolves.toEqual(server);
      await expect(servers.find(aWord())).resolves.toBeUndefined();
      await expect(servers.findByResource(server.resource.toUpperCase())).resolves.toBeUndefined();
    });

    it('tells every client from none', async () => {
      const [all, none] = [await insert({ clients: '*', scopes: [] }), await insert({ clients: [] })];
      await expect(servers.find(all.id)).resolves.toEqual(all);
      await expect(servers.find(none.id)).resolves.toEqual(none);
    });

    it('lets exactly one of 30 parallel inserts have a resource, and leaves the transaction usable', async () => {
      const resource = `https://${aWord()}.example/rival`;
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, () =>
          database.inTransaction(async () => {
            const outcome = await servers.insert(aResourceServer({ resource }));
            await servers.find('x');
            return outcome;
          }),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'resource_taken')).toHaveLength(29);
    });

    it('replaces all of it in the expected version only', async () => {
      const [one, other] = [await insertClient(), await insertClient()];
      const server = await insert({ clients: [one], scopes: [scope('a'), scope('b'), scope('c')] });
      const changed = {
        ...server,
        name: 'Changed',
        clients: [other],
        scopes: [scope('d'), scope('c', { restricted: true }), scope('a', { description: 'new' })],
        updatedAt: plus(5),
        version: 2,
      };
      await expect(servers.update(changed, 2)).resolves.toEqual({ kind: 'stale' });
      await expect(servers.find(server.id)).resolves.toEqual(server);
      await expect(servers.update(changed, 1)).resolves.toEqual({ kind: 'written' });
      await expect(servers.update(changed, 1)).resolves.toEqual({ kind: 'stale' });
      await expect(servers.find(server.id)).resolves.toEqual(changed);
      await expect(servers.update(aResourceServer(), 1)).resolves.toEqual({ kind: 'missing' });
    });

    it('lets exactly one of 20 parallel updates of one version win, with all that is its', async () => {
      const server = await insert();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          servers.update({ ...server, name: `Try ${index}`, scopes: [scope(`s${index}`)] }, 1),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      const winner = outcomes.findIndex(({ kind }) => kind === 'written');
      await expect(servers.find(server.id)).resolves.toMatchObject({
        name: `Try ${winner}`,
        scopes: [scope(`s${winner}`)],
      });
    });

    it('knows which clients there are not, and forgets those that are deleted', async () => {
      const [one, other] = [await insertClient(), await insertClient()];
      await expect(servers.findUnknownClients([one, 'nobody', other])).resolves.toEqual(['nobody']);
      const server = await insert({ clients: [one, other].toSorted() });
      await clients.delete(one);
      await expect(servers.find(server.id)).resolves.toMatchObject({ clients: [other] });
    });

    it('pages by time of creation and then by id, and searches by the start of name and resource', async () => {
      const word = aWord().toLowerCase();
      const b = await insert({ id: `${word}-b`, name: `${word} B` });
      const a = await insert({ id: `${word}-a`, resource: `${word}:API` });
      const first = await insert({ name: `${word.toUpperCase()} first`, createdAt: plus(-1) });
      await insert({ name: `not ${word}` });
      const page = await servers.list({ limit: 2, search: ` ${word.toUpperCase()}` });
      expect(page.items).toEqual([first, a]);
      await expect(servers.list({ limit: 2, search: word, after: page.next ?? '' })).resolves.toEqual({
        items: [b],
        next: null,
      });
      await expect(servers.list({ limit: 2, after: 'nonsense' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });

    describe('deletes one', () => {
      const agree = async (agreed: Record<string, string[]>): Promise<string> => {
        const [accountId, clientId] = [aWord(), await insertClient()];
        const times = { created_at: someTime, updated_at: someTime };
        await database
          .current()('account')
          .insert({ id: accountId, status: 'active', ...times });
        await database
          .current()('consent')
          .insert({
            account_id: accountId,
            client_id: clientId,
            agreed: { openid: ['openid'], claims: [], resources: agreed },
            granted_at: someTime,
            updated_at: someTime,
          });
        return accountId;
      };
      const agreedBy = async (accountId: string) => {
        const row: { agreed: { resources: unknown } } | undefined = await database
          .current()('consent')
          .where({ account_id: accountId })
          .first('agreed');
        return row?.agreed.resources;
      };

      it('in the expected version, with scopes and clients, and its name is free again', async () => {
        const server = await insert({ clients: [await insertClient()] });
        await expect(servers.delete(server.id, 2)).resolves.toBe(false);
        await expect(servers.delete(server.id, 1)).resolves.toBe(true);
        await expect(servers.delete(server.id)).resolves.toBe(false);
        await expect(servers.find(server.id)).resolves.toBeUndefined();
        await insert({ resource: server.resource, clients: [] });
      });

      it('and with it what people agreed to about it, and nothing else', async () => {
        const [server, other] = [await insert(), await insert()];
        const one = await agree({ [server.resource]: ['read'], [other.resource]: ['read'] });
        const two = await agree({ [server.resource]: [] });
        const three = await agree({ [other.resource]: ['read'] });
        await servers.delete(server.id);
        await expect(agreedBy(one)).resolves.toEqual({ [other.resource]: ['read'] });
        await expect(agreedBy(two)).resolves.toEqual({});
        await expect(agreedBy(three)).resolves.toEqual({ [other.resource]: ['read'] });
      });

      it('about which more people agreed than one request changes: its name is taken until all is done', async () => {
        const server = await insert();
        const clientId = await insertClient();
        const word = aWord();
        await database.current().raw(
          `with made as (
             insert into account (id, status, created_at, updated_at)
             select ? || n, 'active', now(), now() from generate_series(1, 1200) n returning id
           )
           insert into consent (account_id, client_id, agreed, granted_at, updated_at)
           select id, ?, ?, now(), now() from made`,
          [word, clientId, { openid: [], claims: [], resources: { [server.resource]: ['read'] } }],
        );
        const left = async () => {
          const rows: { agreed: { resources: object } }[] = await database
            .current()('consent')
            .where({ client_id: clientId })
            .select('agreed');
          return rows.filter(({ agreed }) => Object.keys(agreed.resources).length > 0).length;
        };
        await expect(servers.delete(server.id)).resolves.toBe(true);
        await expect(left()).resolves.toBe(200);
        await expect(servers.find(server.id)).resolves.toBeUndefined();
        await expect(servers.findByResource(server.resource)).resolves.toBeUndefined();
        await expect(servers.update(server, 1)).resolves.toEqual({ kind: 'missing' });
        const again = aResourceServer({ resource: server.resource });
        await expect(servers.insert(again)).resolves.toEqual({ kind: 'resource_taken' });
        await expect(servers.finishDeletions(150)).resolves.toBe(150);
        await expect(servers.insert(again)).resolves.toEqual({ kind: 'resource_taken' });
        await expect(servers.finishDeletions(150)).resolves.toBe(50);
        await expect(left()).resolves.toBe(0);
        await expect(servers.finishDeletions(150)).resolves.toBe(0);
        await expect(servers.insert(again)).resolves.toEqual({ kind: 'written' });
      });
    });

    describe('a scope that a role confers', () => {
      it('becomes restricted and stays so, and says whether it was open before', async () => {
        const server = await insert({ scopes: [scope('a'), scope('b', { restricted: true }), scope('c')] });
        const { resource } = server;
        const wanted = [
          { resource, scope: 'a' },
          { resource, scope: 'b' },
        ];
        await expect(restrictions.restrict(wanted)).resolves.toEqual({
          kind: 'restricted',
          newly: [{ resource, scope: 'a' }],
        });
        await expect(restrictions.restrict(wanted)).resolves.toEqual({ kind: 'restricted', newly: [] });
        await expect(servers.find(server.id)).resolves.toMatchObject({
          scopes: [scope('a', { restricted: true }), scope('b', { restricted: true }), scope('c')],
          version: 2,
        });
      });

      it('must be there: otherwise nothing is done', async () => {
        const server = await insert({ scopes: [scope('a')] });
        const { resource } = server;
        const missing = [
          { resource, scope: 'x' },
          { resource: 'urn:nobody', scope: 'a' },
        ];
        await expect(restrictions.restrict([{ resource, scope: 'a' }, ...missing])).resolves.toEqual({
          kind: 'missing',
          missing,
        });
        await expect(servers.find(server.id)).resolves.toEqual(server);
      });

      it('names the roles that do', async () => {
        const { resource } = await insert({ scopes: [scope('a'), scope('b'), scope('c')] });
        const permissions = [
          { resource, scope: 'a' },
          { resource, scope: 'c' },
        ];
        const [one, two] = [aRole({ permissions }), aRole({ permissions: permissions.slice(0, 1) })];
        for (const role of [one, two]) await database.inTransaction(() => roles.insert(role));
        const names = [one.name, two.name].toSorted();
        const uses = await restrictions.rolesWith(resource, ['a', 'b']);
        expect(uses).toEqual(names.map((role) => ({ scope: 'a', role })));
        await expect(restrictions.rolesWith('urn:other', ['a'])).resolves.toEqual([]);
      });

      it('cannot be taken away while it is being conferred', async () => {
        const server = await insert({ scopes: [scope('a')] });
        const order: string[] = [];
        let began = (): void => {};
        const isHeld = new Promise<void>((resolve) => {
          began = resolve;
        });
        const conferring = database.inTransaction(async () => {
          await restrictions.restrict([{ resource: server.resource, scope: 'a' }]);
          began();
          for (let turn = 0; turn < 20; turn += 1) await servers.find(server.id);
          order.push('conferred');
        });
        await isHeld;
        const changing = database.inTransaction(async () => {
          const found = await servers.findForChange(server.id);
          order.push(found?.scopes[0]?.restricted === true ? 'seen' : 'not seen');
        });
        await Promise.all([conferring, changing]);
        expect(order).toEqual(['conferred', 'seen']);
      });
    });
  });
}
