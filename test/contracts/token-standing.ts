import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Adapter, errors } from 'oidc-provider';
import type { RequestUnits } from '../../adapters/postgres/artifacts/request-unit.ts';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { ClientStore } from '../../server/clients/store.ts';
import type { TokenRoot, TokenStanding } from '../../server/sessions/token-standing.ts';
import { anId, aPayload, inSeconds, type Model, models } from './artifact-payloads.ts';
import { aClient, anAccount, aWord } from './builders.ts';

export interface TokenStandingUnderTest {
  database: Database;
  accounts: Pick<AccountStore, 'insert'>;
  clients: ClientStore;
  /** Of the adapter. */
  units: RequestUnits;
  adapterOf(model: string): Adapter;
  standing: TokenStanding & { forgetExpired(most: number): Promise<number> };
  revokeAll(accountId: string): Promise<void>;
  revokeClient(clientId: string): Promise<void>;
}

type GrantRoot = Extract<TokenRoot, { kind: 'grant' }>;
type ClientRoot = Extract<TokenRoot, { kind: 'client' }>;

/** The promises of TokenStanding. */
export function describeTokenStanding(name: string, open: () => TokenStandingUnderTest): void {
  describe(`${name}: the standing of tokens that nobody stores`, () => {
    let under: TokenStandingUnderTest;
    beforeAll(() => {
      under = open();
    });
    const stands = async (root: TokenRoot) => (await under.standing.stands(root)) !== undefined;

    async function aGrant(overrides: Parameters<typeof aPayload>[2] = {}): Promise<GrantRoot> {
      const grantId = anId();
      await under.adapterOf('Grant').upsert(grantId, aPayload('Grant', grantId, overrides), 60);
      return { kind: 'grant', grantId };
    }
    async function store(model: Model, overrides: Parameters<typeof aPayload>[2]): Promise<string> {
      const id = anId();
      await under.adapterOf(model).upsert(id, aPayload(model, id, overrides), 60);
      return id;
    }
    async function aService(): Promise<string> {
      const client = aClient();
      await under.clients.insert(client);
      return client.id;
    }
    async function issue(clientId: string, overrides: Partial<ClientRoot> = {}): Promise<ClientRoot> {
      const ref = (await under.clients.findWithSecrets(clientId))?.tokenRef;
      return { kind: 'client', clientId, ref, jti: anId(), expiresAt: inSeconds(60), ...overrides };
    }

    it('a token stands on a grant that is there, and on none that is not', async () => {
      await expect(stands(await aGrant())).resolves.toBe(true);
      await expect(stands({ kind: 'grant', grantId: anId() })).resolves.toBe(false);
      await expect(stands(await aGrant({ exp: inSeconds(-1) }))).resolves.toBe(false);
    });

    it('tells the roles that its holder has now, and what a service is registered for', async () => {
      const { run } = under.database;
      const account = anAccount();
      await under.accounts.insert(account);
      const grant = await aGrant({ accountId: account.id });
      const clientId = await aService();
      const service = await issue(clientId);
      await expect(under.standing.stands(grant)).resolves.toEqual({ roles: [], registered: null });
      for (const values of [
        ['admin', '100 years'],
        [await aStoredRole(), '1 hour'],
        [await aStoredRole(), '-1 hour'],
      ]) {
        const until = 'now() + ?::interval';
        await run(
          `insert into account_role (account_id, role_name, granted_at, expires_at) values ('${account.id}', ?, now(), ${until})`,
          values,
        );
        await run(
          `insert into client_role (client_id, role_name, granted_at, expires_at) values ('${clientId}', ?, now(), ${until})`,
          values,
        );
      }
      const held = ['admin', expect.stringMatching(/^w/)];
      const { roles = [] } = (await under.standing.stands(grant)) ?? {};
      expect(roles.toSorted()).toEqual(held);
      const found = await under.standing.stands(service);
      expect(found?.roles.toSorted()).toEqual(held);
      expect(found?.registered).toContain('openid');
    });
    async function aStoredRole(): Promise<string> {
      const name = aWord();
      await under.database.run(`insert into role (name, description, created_at) values (?, '', now())`, [
        name,
      ]);
      return name;
    }

    it('nothing but a grant is one', async () => {
      for (const model of models.filter((other) => other !== 'Grant')) {
        await expect(stands({ kind: 'grant', grantId: await store(model, {}) })).resolves.toBe(false);
      }
    });

    it('ends a grant with everything that hangs from it, once, and no other', async () => {
      const [root, other] = [await aGrant(), await aGrant()];
      const [refresh, access] = [
        await store('RefreshToken', { grantId: root.grantId }),
        await store('AccessToken', { grantId: other.grantId }),
      ];
      await expect(under.standing.end(root)).resolves.toBe(true);
      await expect(under.standing.end(root)).resolves.toBe(false);
      await expect(stands(root)).resolves.toBe(false);
      await expect(under.adapterOf('RefreshToken').find(refresh)).resolves.toBeUndefined();
      await expect(stands(other)).resolves.toBe(true);
      await expect(under.adapterOf('AccessToken').find(access)).resolves.toBeDefined();
    });

    it('lets one of 50 end it', async () => {
      const roots: TokenRoot[] = [await aGrant(), await issue(await aService())];
      for (const root of roots) {
        const outcomes = await Promise.all(Array.from({ length: 50 }, () => under.standing.end(root)));
        expect(outcomes.filter(Boolean)).toHaveLength(1);
        await expect(stands(root)).resolves.toBe(false);
      }
    });

    it.each<[how: string, end: (root: GrantRoot, accountId: string, clientId: string) => Promise<unknown>]>([
      ['its account has ended', (_root, accountId) => under.revokeAll(accountId)],
      ['its client has ended', (_root, _accountId, clientId) => under.revokeClient(clientId)],
      ['it was revoked', ({ grantId }) => under.adapterOf('Grant').destroy(grantId)],
    ])('no token stands on a grant after %s', async (_how, end) => {
      const [accountId, clientId] = [anId(), aWord()];
      const [root, other] = [await aGrant({ accountId, clientId }), await aGrant()];
      await end(root, accountId, clientId);
      await expect(stands(root)).resolves.toBe(false);
      await expect(stands(other)).resolves.toBe(true);
      // Who signs in again gets a new grant, in the same second too.
      await expect(stands(await aGrant({ accountId, clientId }))).resolves.toBe(true);
    });

    describe('that a request has read and somebody revokes meanwhile', () => {
      const readAndRevoke = async (root: GrantRoot): Promise<{ save: () => Promise<unknown> }> => {
        const found = await under.adapterOf('Grant').find(root.grantId);
        await under.standing.end(root);
        const payload = { ...found, openid: { scope: 'openid email' } };
        return { save: async () => under.adapterOf('Grant').upsert(root.grantId, payload, 60) };
      };

      it('is not made again by a page of ours that adds to it', async () => {
        const root = await aGrant();
        await under.units.run({ wait: undefined }, async () => {
          const { save } = await readAndRevoke(root);
          await expect(save()).rejects.toThrow(errors.SessionNotFound);
          await expect(stands(root)).resolves.toBe(false);
        });
      });

      it("is not made again by a browser's request, of which nothing is written then", async () => {
        const root = await aGrant();
        await under.units.run({ wait: 'browser' }, async () => {
          const { save } = await readAndRevoke(root);
          await save();
          const code = anId();
          const issued = aPayload('AuthorizationCode', code, { grantId: root.grantId });
          await under.adapterOf('AuthorizationCode').upsert(code, issued, 60);
          await expect(under.units.commit(undefined)).resolves.toEqual({
            kind: 'lost',
            isWorthRepeating: true,
          });
          await expect(stands(root)).resolves.toBe(false);
          await expect(under.adapterOf('AuthorizationCode').find(code)).resolves.toBeUndefined();
        });
      });

      it('is there with what was added, when nobody has', async () => {
        for (const wait of ['browser', undefined] as const) {
          const root = await aGrant({ accountId: undefined });
          await under.units.run({ wait }, async () => {
            const found = await under.adapterOf('Grant').find(root.grantId);
            for (const scope of ['openid', 'openid email'])
              await under.adapterOf('Grant').upsert(root.grantId, { ...found, openid: { scope } }, 60);
            await expect(under.units.commit(undefined)).resolves.toMatchObject({ kind: 'committed' });
          });
          await expect(under.adapterOf('Grant').find(root.grantId)).resolves.toMatchObject({
            openid: { scope: 'openid email' },
          });
        }
      });

      it('is made by the request that begins it, also when it is saved twice', async () => {
        for (const wait of ['browser', undefined] as const) {
          const grantId = anId();
          await under.units.run({ wait }, async () => {
            const payload = aPayload('Grant', grantId, { accountId: undefined });
            await under.adapterOf('Grant').upsert(grantId, payload, 60);
            const found = await under.adapterOf('Grant').find(grantId);
            await under.adapterOf('Grant').upsert(grantId, { ...found }, 60);
            await expect(under.units.commit(undefined)).resolves.toMatchObject({ kind: 'committed' });
          });
          await expect(stands({ kind: 'grant', grantId })).resolves.toBe(true);
        }
      });
    });

    it('a second use of a code ends the tokens that came of the first', async () => {
      const root = await aGrant();
      const code = await store('AuthorizationCode', { grantId: root.grantId });
      await under.adapterOf('AuthorizationCode').consume(code);
      await expect(stands(root)).resolves.toBe(true);
      await expect(under.adapterOf('AuthorizationCode').consume(code)).rejects.toThrow();
      await expect(stands(root)).resolves.toBe(false);
    });

    it("a service's token stands until it is revoked, and takes no other one with it", async () => {
      const clientId = await aService();
      const [root, other] = [await issue(clientId), await issue(clientId)];
      await expect(stands(root)).resolves.toBe(true);
      await expect(under.standing.end(root)).resolves.toBe(true);
      await expect(under.standing.end(root)).resolves.toBe(false);
      await expect(stands(root)).resolves.toBe(false);
      await expect(stands(other)).resolves.toBe(true);
    });

    it("a service's token falls with its client, and stays down when that is made again", async () => {
      const client = aClient();
      await under.clients.insert(client);
      const [root, old] = [await issue(client.id), await issue(client.id, { ref: undefined })];
      await expect(stands(old)).resolves.toBe(true);
      await under.clients.delete(client.id);
      await expect(stands(root)).resolves.toBe(false);
      await expect(stands(old)).resolves.toBe(false);
      await under.clients.insert(client);
      await expect(stands(root)).resolves.toBe(false);
      await expect(stands(await issue(client.id))).resolves.toBe(true);
    });

    it("a service's tokens all fall when everything of the client is revoked, and new ones stand", async () => {
      const [clientId, other] = [await aService(), await aService()];
      const [root, kept] = [await issue(clientId), await issue(other)];
      await under.revokeClient(clientId);
      await expect(stands(root)).resolves.toBe(false);
      await expect(stands(await issue(clientId))).resolves.toBe(true);
      await expect(stands(kept)).resolves.toBe(true);
    });

    it('keeps or undoes an end with the transaction that it is part of', async () => {
      const roots: TokenRoot[] = [await aGrant(), await issue(await aService())];
      for (const root of roots) {
        const undone = under.database.inTransaction(async () => {
          await under.standing.end(root);
          throw new Error('undo');
        });
        await expect(undone).rejects.toThrow('undo');
        await expect(stands(root)).resolves.toBe(true);
        await under.database.inTransaction(() => under.standing.end(root));
        await expect(stands(root)).resolves.toBe(false);
      }
    });

    it('forgets revoked tokens a minute after they have expired, as many as it is told to', async () => {
      const clientId = await aService();
      const ended = await Promise.all(
        [-61, -62, -63, -30, 30].map((left) => issue(clientId, { expiresAt: inSeconds(left) })),
      );
      for (const root of ended) await under.standing.end(root);
      await expect(under.standing.forgetExpired(2)).resolves.toBe(2);
      await expect(under.standing.forgetExpired(100)).resolves.toBe(1);
      await expect(under.standing.forgetExpired(100)).resolves.toBe(0);
      const left = await Promise.all(ended.map(stands));
      expect(left).toEqual([true, true, true, false, false]);
    });

    it('keeps nothing of a token that could be presented', async () => {
      const root = await issue(await aService());
      await under.standing.end(root);
      const { rows } = await under.database.current().raw('select t::text as text from revoked_token t');
      for (const { text } of rows) expect(text).not.toContain(root.jti);
    });
  });
}
