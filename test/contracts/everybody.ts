import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Adapter } from 'oidc-provider';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { ClientStore } from '../../server/clients/store.ts';
import type { ConsentStore } from '../../server/sessions/consent.ts';
import type { AllGrants, AllSessions, Page } from '../../server/sessions/everybody.ts';
import { aClient, anAccount, aWord, someTime } from './builders.ts';

export interface EverybodyUnderTest {
  allSessions: AllSessions;
  /** Made for this client as a page of the server itself. */
  allGrants(own: string): AllGrants;
  consents: ConsentStore;
  accounts: AccountStore;
  clients: ClientStore;
  adapterOf(model: string): Adapter;
  sessionUse: { note(use: { uid: string; accountId: string; until: Date; origin: object }): Promise<void> };
}

const hour = 3600;
const now = () => Math.floor(Date.now() / 1000);

/** The promises of AllSessions and AllGrants. */
export function describeEverybody(name: string, open: () => EverybodyUnderTest): void {
  describe(`${name}: sessions and apps of everybody`, () => {
    let under: EverybodyUnderTest;
    beforeAll(() => {
      under = open();
    });

    async function somebody(): Promise<string> {
      const account = anAccount();
      await under.accounts.insert(account);
      return account.id;
    }
    async function anApp(id?: string): Promise<string> {
      const client = aClient(id === undefined ? {} : { id });
      await under.clients.insert(client);
      return client.id;
    }
    async function aGrant(accountId: string, clientId: string, expiresIn = hour): Promise<string> {
      const jti = aWord();
      const openid = { scope: 'openid email' };
      const grant = { kind: 'Grant', jti, accountId, clientId, iat: now(), openid };
      await under.adapterOf('Grant').upsert(jti, grant, expiresIn);
      return jti;
    }
    /** A session that has a grant for each of these apps. */
    async function aSession(accountId: string, clientIds: readonly string[]): Promise<void> {
      const [uid, cookie] = [aWord(), aWord()];
      const grants = await Promise.all(clientIds.map((clientId) => aGrant(accountId, clientId)));
      const authorizations = Object.fromEntries(
        clientIds.map((clientId, index) => [clientId, { sid: `${uid} ${clientId}`, grantId: grants[index] }]),
      );
      const session = { kind: 'Session', uid, accountId, loginTs: now(), amr: ['pwd'], authorizations };
      await under.adapterOf('Session').upsert(cookie, session, hour);
      const until = new Date(Date.now() + hour * 1000);
      await under.sessionUse.note({ uid, accountId, until, origin: {} });
    }
    const agree = (accountId: string, clientId: string) =>
      under.consents.save({
        accountId,
        clientId,
        agreed: { openid: ['openid', 'phone'], claims: [], resources: {} },
        grantedAt: someTime,
        updatedAt: someTime,
      });
    async function all<Item>(read: (after: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
      const found: Item[] = [];
      for (let after: string | undefined; ; ) {
        const { items, next } = await read(after);
        found.push(...items);
        if (next === null) return found;
        after = next;
      }
    }

    it('lists each session once, in the order in which they were begun, whatever the size of pages', async () => {
      const people = [await somebody(), await somebody(), await somebody()];
      for (const accountId of [...people, ...people]) await aSession(accountId, []);
      for (const limit of [1, 2, 100]) {
        const found = await all((after) => under.allSessions.page({ limit, after }));
        const mine = found.filter(({ accountId }) => people.includes(accountId));
        expect(mine.map(({ accountId }) => accountId)).toEqual([...people, ...people]);
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
      }
    });

    it('lists those of one person, of one client, of both, and those begun since', async () => {
      const [me, other, app, rest] = [await somebody(), await somebody(), await anApp(), await anApp()];
      await aSession(me, [app, rest]);
      await aSession(me, [rest]);
      await aSession(other, [app]);
      await aSession(other, [app]);
      const count = async (query: object) =>
        (await all((after) => under.allSessions.page({ limit: 1, after, ...query }))).length;
      expect(await count({ accountId: me })).toBe(2);
      expect(await count({ clientId: app })).toBe(3);
      expect(await count({ clientId: app, accountId: me })).toBe(1);
      expect(await count({ clientId: aWord() })).toBe(0);
      const minute = 60_000;
      expect(await count({ accountId: me, since: new Date(Date.now() - minute) })).toBe(2);
      expect(await count({ accountId: me, since: new Date(Date.now() + minute) })).toBe(0);
      expect(await count({ clientId: app, since: new Date(Date.now() + minute) })).toBe(0);
    });

    it('goes through all people of a client, also those whose sessions are over', async () => {
      const [app, last] = [await anApp(), await somebody()];
      const before = Array.from({ length: 130 }, (_, number) => `a${number}-${last}`);
      for (const accountId of before) await aGrant(accountId, app);
      await aSession(last, [app]);
      const found = await all((after) => under.allSessions.page({ limit: 2, after, clientId: app }));
      expect(found.map(({ accountId }) => accountId)).toEqual([last]);
    });

    it('finds a session by its public id', async () => {
      const [me, app] = [await somebody(), await anApp()];
      await aSession(me, [app]);
      const [listed] = (await under.allSessions.page({ limit: 5, accountId: me })).items;
      await expect(under.allSessions.find(listed?.id ?? '')).resolves.toEqual(listed);
      expect(listed).toMatchObject({ accountId: me, clientIds: [app] });
      await expect(under.allSessions.find('0'.repeat(32))).resolves.toBeUndefined();
    });

    it('lists what clients may do, agreed to or held, each client and person once', async () => {
      const [own, other] = [await anApp(), await anApp()];
      const apps = [await anApp(), await anApp()].toSorted();
      const [first = '', second = ''] = apps;
      const people = [await somebody(), await somebody()].toSorted();
      const [one = '', two = ''] = people;
      await agree(one, first);
      await aGrant(one, first);
      await aGrant(one, first);
      await aGrant(two, first);
      await agree(two, second);
      await aGrant(one, own);
      await aGrant(one, other, -5);
      const grants = under.allGrants(own);
      const list = (query: object) => all((after) => grants.page({ limit: 1, after, ...query }));
      const pairs = (found: readonly { clientId: string; accountId: string }[]) =>
        found.map(({ clientId, accountId }) => [clientId, accountId]);
      const mine = (await list({})).filter(({ accountId }) => people.includes(accountId));
      const expected = [
        [first, one],
        [first, two],
        [second, two],
      ];
      expect(pairs(mine)).toEqual(expected);
      expect(mine).toMatchObject([
        { isConsented: true, isSignedIn: true, agreed: { openid: ['email', 'openid', 'phone'] } },
        { isConsented: false, isSignedIn: true, agreed: { openid: ['email', 'openid'] } },
        { isConsented: true, isSignedIn: false, since: someTime },
      ]);
      expect(pairs(await list({ accountId: two }))).toEqual(expected.slice(1));
      expect(pairs(await list({ clientId: first }))).toEqual(expected.slice(0, 2));
      expect(pairs(await list({ clientId: first, accountId: one }))).toEqual(expected.slice(0, 1));
      expect(await list({ clientId: own })).toEqual([]);
    });

    it('refuses places of other lists', async () => {
      const [limit, app] = [1, await anApp()];
      for (const after of ['x', '1.2', `${'9'.repeat(20)}.${'0'.repeat(64)}`])
        await expect(under.allSessions.page({ limit, after })).rejects.toMatchObject({
          code: 'invalid_cursor',
        });
      await expect(under.allSessions.page({ limit, after: 'x', clientId: app })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
      await expect(under.allGrants(app).page({ limit, after: 'x' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });
  });
}
