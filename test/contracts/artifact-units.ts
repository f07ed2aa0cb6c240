import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Committed } from '../../adapters/postgres/artifacts/commit.ts';
import type { RequestUnits } from '../../adapters/postgres/artifacts/request-unit.ts';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { AccountStore } from '../../server/accounts/store.ts';
import type { CredentialStore } from '../../server/authn/credential-store.ts';
import type { AttemptStore } from '../../server/authn/lockout/attempt-store.ts';
import { anId, aPayload, type Model } from './artifact-payloads.ts';
import { anAccount } from './builders.ts';

export interface ArtifactUnitsUnderTest {
  database: Database;
  accounts: AccountStore;
  credentials: CredentialStore;
  attempts: AttemptStore;
  /** Of the adapter. */
  units: RequestUnits;
  adapterOf(model: string): Adapter;
  revokeAll(accountId: string): Promise<void>;
  /** Whether what one connection has begun is hidden from the others, and does not make them wait. */
  hasSessions: boolean;
}

const racers = 50;
const over: Committed = { kind: 'lost', isWorthRepeating: false };
const overtaken: Committed = { kind: 'lost', isWorthRepeating: true };
const withCookie: Committed = { kind: 'committed', isCookieGiven: true };
const withoutCookie: Committed = { kind: 'committed', isCookieGiven: false };

/** What a browser's request may rely on: all that it writes is written at once, or nothing. */
export function describeArtifactUnits(name: string, open: () => ArtifactUnitsUnderTest): void {
  describe(`${name}: the request of a browser`, () => {
    let under: ArtifactUnitsUnderTest;
    let accountId: string;
    beforeAll(async () => {
      under = open();
      accountId = await addAccount();
    });

    async function addAccount(): Promise<string> {
      const account = anAccount();
      await under.accounts.insert(account);
      return account.id;
    }
    const find = async (model: Model, id: string): Promise<AdapterPayload> =>
      (await under.adapterOf(model).find(id)) ?? { missing: true };
    const isThere = async (model: Model, id: string) => (await under.adapterOf(model).find(id)) !== undefined;
    const save = async (model: Model, id: string, payload: AdapterPayload): Promise<void> => {
      await under.adapterOf(model).upsert(id, payload, 60);
    };
    async function store(model: Model, overrides: AdapterPayload = {}): Promise<string> {
      const id = anId();
      await save(model, id, aPayload(model, id, { ...ofPerson(model), ...overrides }));
      return id;
    }
    const ofPerson = (model: Model): AdapterPayload => (model === 'Interaction' ? {} : { accountId });

    /** One request: what it does, then the commit. */
    const request = (work: () => Promise<unknown>): Promise<Committed> =>
      under.units.run({ wait: 'browser' }, async () => {
        await work();
        return under.units.commit(undefined);
      });
    /** Resolves for all racers when the last of them has come: whoever has read something has read it as it was before. */
    function makeMeetingPoint(): () => Promise<void> {
      let [coming, open] = [racers, () => {}];
      const all = new Promise<void>((resolve) => {
        open = resolve;
      });
      return () => {
        coming -= 1;
        if (coming === 0) open();
        return all;
      };
    }
    /** What the racers read goes before `work`, which all begin together. */
    async function race(
      reads: readonly [Model, string][],
      work: (index: number) => Promise<unknown>,
    ): Promise<Committed[]> {
      const meet = makeMeetingPoint();
      const one = (index: number) =>
        request(async () => {
          for (const [model, id] of reads) await find(model, id);
          await meet();
          await work(index);
        });
      return Promise.all(Array.from({ length: racers }, (_, index) => one(index)));
    }
    const count = (outcomes: readonly Committed[], kind: Committed['kind']) =>
      outcomes.filter((outcome) => outcome.kind === kind).length;

    /** As the engine does it: for a client, in a session that it has read. */
    async function beginGrant(session: string, clientId: string): Promise<{ grantId: string; code: string }> {
      const { authorizations, ...rest } = await find('Session', session);
      const grantId = await store('Grant', { clientId });
      const code = await store('AuthorizationCode', { clientId, grantId });
      await save('Session', session, {
        ...rest,
        authorizations: { ...authorizations, [clientId]: { sid: anId(), grantId } },
      });
      return { grantId, code };
    }
    const newSession = (overrides: AdapterPayload = {}) =>
      store('Session', { uid: anId(), authorizations: {}, ...overrides });

    it(`ends an interaction for one of ${racers}; nothing of the others is written`, async () => {
      const interaction = await store('Interaction');
      const begun: string[] = [];
      const outcomes = await race([['Interaction', interaction]], async (index) => {
        await under.adapterOf('Interaction').destroy(interaction);
        begun[index] = await newSession();
      });
      expect(count(outcomes, 'committed')).toBe(1);
      for (const [index, outcome] of outcomes.entries()) {
        const isWinner = outcome.kind === 'committed';
        expect(outcome).toEqual(isWinner ? withCookie : over);
        expect(await isThere('Session', begun[index] ?? '')).toBe(isWinner);
      }
    });

    it(`finishes an interaction for one of ${racers} pages of ours that have seen it unfinished`, async () => {
      const interaction = await store('Interaction');
      const meet = makeMeetingPoint();
      const results = await Promise.allSettled(
        Array.from({ length: racers }, (_, index) =>
          under.units.run({ wait: undefined }, async () => {
            const open = await find('Interaction', interaction);
            await meet();
            await save('Interaction', interaction, { ...open, result: { consent: { index } } });
          }),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const winner = results.findIndex(({ status }) => status === 'fulfilled');
      await expect(find('Interaction', interaction)).resolves.toMatchObject({
        result: { consent: { index: winner } },
      });
    });

    it(`uses a pushed request for one of ${racers}; the others may ask again, and be told`, async () => {
      const pushed = await store('PushedAuthorizationRequest');
      const outcomes = await race([['PushedAuthorizationRequest', pushed]], async () => {
        await under.adapterOf('PushedAuthorizationRequest').consume(pushed);
        await store('AuthorizationCode');
      });
      expect(count(outcomes, 'committed')).toBe(1);
      expect(outcomes.filter(({ kind }) => kind === 'lost')).toEqual(
        Array.from({ length: racers - 1 }, () => overtaken),
      );
      await expect(find('PushedAuthorizationRequest', pushed)).resolves.toHaveProperty('consumed');
    });

    it('does not use a pushed request whose request comes to nothing', async () => {
      const [pushed, session] = [await store('PushedAuthorizationRequest'), await newSession()];
      const outcome = await request(async () => {
        await under.adapterOf('PushedAuthorizationRequest').consume(pushed);
        await beginGrant(session, 'app');
        await request(async () => {
          await find('Session', session);
          await under.adapterOf('Session').destroy(session);
        });
      });
      expect(outcome).toEqual(overtaken);
      await expect(find('PushedAuthorizationRequest', pushed)).resolves.not.toHaveProperty('consumed');
    });

    it(`begins one grant for a client of a session, whichever of ${racers} tabs asks for it`, async () => {
      const session = await newSession();
      const begun: { grantId: string; code: string }[] = [];
      const outcomes = await race([['Session', session]], async (index) => {
        begun[index] = await beginGrant(session, 'app');
      });
      expect(count(outcomes, 'committed')).toBe(1);
      const { authorizations } = await find('Session', session);
      for (const [index, { grantId, code }] of begun.entries()) {
        const isWinner = outcomes[index]?.kind === 'committed';
        expect(outcomes[index]).toEqual(isWinner ? withoutCookie : overtaken);
        expect(await isThere('Grant', grantId)).toBe(isWinner);
        expect(await isThere('AuthorizationCode', code)).toBe(isWinner);
        if (isWinner) expect(authorizations).toMatchObject({ app: { grantId } });
      }
    });

    it(`keeps what ${racers} tabs have done for as many clients, and what else they have changed`, async () => {
      const session = await newSession({ state: { secret: 'old' } });
      const outcomes = await race([['Session', session]], async (index) => {
        if (index > 0) return beginGrant(session, `app-${index}`);
        const mine = await find('Session', session);
        return save('Session', session, { ...mine, state: { secret: 'new' } });
      });
      expect(count(outcomes, 'committed')).toBe(racers);
      const { authorizations = {}, state } = await find('Session', session);
      expect(Object.keys(authorizations)).toHaveLength(racers - 1);
      expect(state).toEqual({ secret: 'new' });
    });

    it('does not put back what another tab has changed for a client', async () => {
      const session = await newSession();
      await request(() => beginGrant(session, 'one'));
      let [later, second] = ['', ''];
      const outcome = await request(async () => {
        second = (await beginGrant(session, 'two')).grantId;
        await request(async () => {
          later = (await beginGrant(session, 'one')).grantId;
        });
      });
      expect(outcome).toEqual(withoutCookie);
      await expect(find('Session', session)).resolves.toMatchObject({
        authorizations: { one: { grantId: later }, two: { grantId: second } },
      });
    });

    it('takes away what it has left, and nothing that others have begun', async () => {
      const session = await newSession({
        authorizations: { one: { grantId: anId() } },
        state: { secret: 's' },
      });
      const outcome = await request(async () => {
        const { state: _state, authorizations: _all, ...rest } = await find('Session', session);
        await save('Session', session, rest);
        await request(() => beginGrant(session, 'two'));
      });
      expect(outcome).toEqual(withoutCookie);
      const kept = await find('Session', session);
      expect(Object.keys(kept.authorizations ?? {})).toEqual(['two']);
      expect(kept).not.toHaveProperty('state');
    });

    it('begins nothing in a session that was ended meanwhile', async () => {
      const session = await newSession();
      let begun = { grantId: '', code: '' };
      const outcome = await request(async () => {
        begun = await beginGrant(session, 'app');
        await request(async () => {
          await find('Session', session);
          await under.adapterOf('Session').destroy(session);
        });
      });
      expect(outcome).toEqual(overtaken);
      expect(await isThere('Session', session)).toBe(false);
      expect(await isThere('Grant', begun.grantId)).toBe(false);
      expect(await isThere('AuthorizationCode', begun.code)).toBe(false);
    });

    it('gives one of two tabs a new cookie, and the session is known by that one', async () => {
      const session = await newSession();
      const exchange = async (): Promise<string> => {
        const [mine, fresh] = [await find('Session', session), anId()];
        await under.adapterOf('Session').destroy(session);
        await save('Session', fresh, { ...mine, jti: fresh });
        return fresh;
      };
      let [first, second] = ['', ''];
      const outcome = await request(async () => {
        second = await exchange();
        await expect(
          request(async () => {
            first = await exchange();
          }),
        ).resolves.toEqual(withCookie);
      });
      expect(outcome).toEqual(withoutCookie);
      expect([
        await isThere('Session', session),
        await isThere('Session', first),
        await isThere('Session', second),
      ]).toEqual([false, true, false]);
    });

    it('makes no session for a cookie that nobody knows, unless it holds something', async () => {
      const [empty, withForm] = [anId(), anId()];
      await expect(
        request(() => save('Session', empty, { jti: empty, kind: 'Session', uid: anId(), iat: 1 })),
      ).resolves.toEqual(withoutCookie);
      const state = { secret: anId() };
      await expect(
        request(() => save('Session', withForm, { jti: withForm, kind: 'Session', uid: anId(), state })),
      ).resolves.toEqual(withCookie);
      expect([await isThere('Session', empty), await isThere('Session', withForm)]).toEqual([false, true]);
    });

    it('signs nobody in to a session in which somebody else has signed in meanwhile', async () => {
      const session = await newSession({ accountId: undefined });
      const [one, other] = [await addAccount(), await addAccount()];
      const signIn = async (who: string) =>
        save('Session', session, { ...(await find('Session', session)), accountId: who });
      const outcome = await request(async () => {
        await signIn(other);
        await expect(request(() => signIn(one))).resolves.toMatchObject({ kind: 'committed' });
      });
      expect(outcome).toEqual(overtaken);
      await expect(find('Session', session)).resolves.toMatchObject({ accountId: one });
    });

    it('that signs out ends also what tabs have begun since it read the session, but not what was meant to last', async () => {
      const session = await newSession();
      let [begun, lasting] = [
        { grantId: '', code: '' },
        { grantId: '', code: '' },
      ];
      const outcome = await request(async () => {
        await find('Session', session);
        await under.adapterOf('Session').destroy(session);
        await request(async () => {
          begun = await beginGrant(session, 'app');
        });
        await request(async () => {
          lasting = await beginGrant(session, 'offline');
          const mine = await find('Session', session);
          const { grantId } = lasting;
          const authorizations = { ...mine.authorizations, offline: { grantId, persistsLogout: true } };
          await save('Session', session, { ...mine, authorizations });
        });
      });
      expect(outcome).toMatchObject({ kind: 'committed' });
      expect(await isThere('Session', session)).toBe(false);
      expect(await isThere('Grant', begun.grantId)).toBe(false);
      expect(await isThere('AuthorizationCode', begun.code)).toBe(false);
      expect(await isThere('Grant', lasting.grantId)).toBe(true);
    });

    it(`approves a device code for one of ${racers}`, async () => {
      const device = await store('DeviceCode', { accountId: undefined, grantId: undefined });
      const outcomes = await race([['DeviceCode', device]], async (index) => {
        const code = await find('DeviceCode', device);
        await save('DeviceCode', device, { ...code, accountId, scope: `openid ${index}` });
      });
      expect(count(outcomes, 'committed')).toBe(1);
      const winner = outcomes.findIndex(({ kind }) => kind === 'committed');
      await expect(find('DeviceCode', device)).resolves.toMatchObject({ scope: `openid ${winner}` });
    });

    it(`loses nothing of what ${racers} add to a grant: who has not seen it all asks again`, async () => {
      const grant = await store('Grant');
      const outcomes = await race([['Grant', grant]], async (index) => {
        const mine = await find('Grant', grant);
        await save('Grant', grant, { ...mine, openid: { scope: `openid ${index}` } });
      });
      expect(count(outcomes, 'committed')).toBe(1);
      expect(outcomes.filter(({ kind }) => kind === 'lost')).toEqual(
        Array.from({ length: racers - 1 }, () => overtaken),
      );
    });
  });
}
