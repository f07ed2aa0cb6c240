import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Adapter } from 'oidc-provider';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { ClientStore } from '../../server/clients/store.ts';
import type { ConnectedApps } from '../../server/sessions/connected-apps.ts';
import type { ConsentStore } from '../../server/sessions/consent.ts';
import type { SessionStore } from '../../server/sessions/session-store.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { aClient, anAccount, aWord, someTime } from './builders.ts';

export interface SessionsUnderTest {
  sessions: SessionStore;
  connectedApps: ConnectedApps;
  consents: ConsentStore;
  accounts: AccountStore;
  clients: ClientStore;
  adapterOf(model: string): Adapter;
  inTransaction: InTransaction;
}

const hour = 3600;
const now = () => Math.floor(Date.now() / 1000);

/** The promises of SessionStore and ConnectedApps. */
export function describeSessionStore(name: string, open: () => SessionsUnderTest): void {
  describe(`${name}: sessions and apps`, () => {
    let under: SessionsUnderTest;
    beforeAll(() => {
      under = open();
    });

    async function somebody(): Promise<string> {
      const account = anAccount();
      await under.accounts.insert(account);
      return account.id;
    }
    async function anApp(): Promise<string> {
      const client = aClient();
      await under.clients.insert(client);
      return client.id;
    }
    async function aGrant(accountId: string, clientId: string): Promise<string> {
      const jti = aWord();
      const grant = {
        kind: 'Grant',
        jti,
        accountId,
        clientId,
        iat: now(),
        openid: { scope: 'openid email' },
      };
      await under.adapterOf('Grant').upsert(jti, grant, hour);
      return jti;
    }
    /** A session that has a grant for each of these apps. */
    async function aSession(accountId: string, clientIds: readonly string[], expiresIn = hour) {
      const [uid, cookie] = [aWord(), aWord()];
      const grants = await Promise.all(clientIds.map((clientId) => aGrant(accountId, clientId)));
      const authorizations = Object.fromEntries(
        clientIds.map((clientId, index) => [clientId, { sid: `${uid} ${clientId}`, grantId: grants[index] }]),
      );
      const session = { kind: 'Session', uid, accountId, loginTs: now(), amr: ['pwd'], authorizations };
      await under.adapterOf('Session').upsert(cookie, session, expiresIn);
      return { uid, cookie, grants };
    }
    const isThere = async (model: string, id: string) =>
      (await under.adapterOf(model).find(id)) !== undefined;

    it('lists what is alive of one account, marks the present one, and names it by nothing that could be presented', async () => {
      const [me, other, app] = [await somebody(), await somebody(), await anApp()];
      const [mine, over] = [await aSession(me, [app]), await aSession(me, [], -1)];
      await aSession(other, [app]);
      const listed = await under.sessions.list(me, mine.uid);
      expect(listed).toEqual([
        expect.objectContaining({
          isCurrent: true,
          clientIds: [app],
          amr: ['pwd'],
          ip: null,
          lastSeenAt: null,
        }),
      ]);
      for (const secret of [mine.uid, mine.cookie, over.uid])
        expect(JSON.stringify(listed)).not.toContain(secret);
      expect((await under.sessions.list(me, undefined)).map(({ isCurrent }) => isCurrent)).toEqual([false]);
    });

    it('ends one with its grants, tells whose it was, and nothing of anybody else', async () => {
      const [me, other, app] = [await somebody(), await somebody(), await anApp()];
      const [mine, rest] = [await aSession(me, [app]), await aSession(me, [app])];
      const id = (await under.sessions.list(me, mine.uid)).find(({ isCurrent }) => isCurrent)?.id ?? '';
      const end = (accountId: string) => under.inTransaction(() => under.sessions.end(accountId, id));
      await expect(end(other)).resolves.toBeUndefined();
      await expect(end(me)).resolves.toEqual([{ clientId: app, sid: `${mine.uid} ${app}` }]);
      await expect(end(me)).resolves.toBeUndefined();
      expect(await isThere('Session', mine.cookie)).toBe(false);
      expect(await isThere('Grant', String(mine.grants[0]))).toBe(false);
      expect(await isThere('Session', rest.cookie)).toBe(true);
      expect(await isThere('Grant', String(rest.grants[0]))).toBe(true);
    });

    it('ends all but one, and grants that hang from no session any more', async () => {
      const [me, app] = [await somebody(), await anApp()];
      const [mine, rest] = [await aSession(me, [app]), await aSession(me, [app])];
      const [asking, orphan] = [await aGrant(me, app), await aGrant(me, app)];
      const { sessions, left } = await under.inTransaction(() =>
        under.sessions.endOthers(me, { uid: mine.uid, grantId: asking }),
      );
      expect(sessions).toBe(1);
      expect(left).toContainEqual({ clientId: app, sid: `${rest.uid} ${app}` });
      for (const [model, id, stays] of [
        ['Session', mine.cookie, true],
        ['Grant', String(mine.grants[0]), true],
        ['Grant', asking, true],
        ['Session', rest.cookie, false],
        ['Grant', String(rest.grants[0]), false],
        ['Grant', orphan, false],
      ] as const)
        expect([model, id, await isThere(model, id)]).toEqual([model, id, stays]);
    });

    it('ends all, and tells of apps whose session was over before', async () => {
      const [me, app, lone] = [await somebody(), await anApp(), await anApp()];
      const mine = await aSession(me, [app]);
      const orphan = await aGrant(me, lone);
      await expect(under.sessions.endAll(me)).resolves.toEqual({
        sessions: 1,
        left: [
          { clientId: app, sid: `${mine.uid} ${app}` },
          { clientId: lone, sid: null },
        ],
      });
      expect(await isThere('Grant', orphan)).toBe(false);
      await expect(under.sessions.list(me, undefined)).resolves.toEqual([]);
    });

    it('leaves nothing when a session ends in a transaction that is undone', async () => {
      const [me, app] = [await somebody(), await anApp()];
      const mine = await aSession(me, [app]);
      const [listed] = await under.sessions.list(me, undefined);
      const undone = under.inTransaction(async () => {
        await under.sessions.end(me, listed?.id ?? '');
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await isThere('Session', mine.cookie)).toBe(true);
      expect(await isThere('Grant', String(mine.grants[0]))).toBe(true);
    });

    it('lists apps by what was agreed and by what they hold', async () => {
      const [me, agreed, own] = [await somebody(), await anApp(), await anApp()];
      await under.consents.save({
        accountId: me,
        clientId: agreed,
        agreed: { openid: ['openid', 'phone'], claims: [], resources: {} },
        grantedAt: someTime,
        updatedAt: someTime,
      });
      await aSession(me, [own]);
      const apps = await under.connectedApps.list(me);
      expect(apps.find(({ clientId }) => clientId === agreed)).toEqual({
        clientId: agreed,
        agreed: { openid: ['openid', 'phone'], claims: [], resources: {} },
        since: someTime,
        isConsented: true,
        lastUsedAt: null,
        isSignedIn: false,
      });
      expect(apps.find(({ clientId }) => clientId === own)).toMatchObject({
        agreed: { openid: ['email', 'openid'] },
        isConsented: false,
        isSignedIn: true,
      });
      expect(apps).toHaveLength(2);
    });

    it('ends an app in every session of one account, and leaves the sessions and the other apps', async () => {
      const [me, other, app, rest] = [await somebody(), await somebody(), await anApp(), await anApp()];
      const [one, two] = [await aSession(me, [app, rest]), await aSession(me, [app])];
      const foreign = await aSession(other, [app]);
      const end = () => under.inTransaction(() => under.connectedApps.end(me, app));
      const ended = await end();
      expect(ended?.wasConsented).toBe(false);
      expect(ended?.sids.toSorted()).toEqual([`${one.uid} ${app}`, `${two.uid} ${app}`].toSorted());
      await expect(end()).resolves.toBeUndefined();
      for (const [model, id, stays] of [
        ['Grant', String(one.grants[0]), false],
        ['Grant', String(two.grants[0]), false],
        ['Grant', String(one.grants[1]), true],
        ['Grant', String(foreign.grants[0]), true],
        ['Session', one.cookie, true],
        ['Session', two.cookie, true],
      ] as const)
        expect([model, id, await isThere(model, id)]).toEqual([model, id, stays]);
      const listed = await under.sessions.list(me, one.uid);
      expect(listed.find(({ isCurrent }) => isCurrent)?.clientIds).toEqual([rest]);
    });
  });
}
