import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountStore } from '../../server/accounts/store.ts';
import { randomIds } from '../../server/ids.ts';
import type { SupportSession, SupportSessionStore } from '../../server/sessions/support/support-session.ts';
import { anAccount, someTime } from './builders.ts';

const secondsOn = (seconds: number): Date => new Date(someTime.getTime() + seconds * 1000);

/** The promises of the port SupportSessionStore. */
export function describeSupportSessionStore(
  name: string,
  open: () => { supportSessions: SupportSessionStore; accounts: AccountStore },
): void {
  describe(`${name}: support sessions`, () => {
    let store: SupportSessionStore;
    let accounts: AccountStore;
    beforeAll(() => {
      ({ supportSessions: store, accounts } = open());
    });

    async function asked(): Promise<SupportSession> {
      const [operator, person] = [anAccount(), anAccount()];
      await accounts.insert(operator);
      await accounts.insert(person);
      const session: SupportSession = {
        id: Buffer.from(randomIds.id(), 'base64url').toString('hex'),
        operatorId: operator.id,
        accountId: person.id,
        reason: 'the export fails, “4711”',
        minutes: 30,
        askedAt: someTime,
        beginUntil: secondsOn(600),
        begunAt: null,
        endsAt: null,
        enteredAt: null,
        endedAt: null,
      };
      await store.insert(session);
      return session;
    }
    const entering = { now: secondsOn(61), begunAfter: secondsOn(1) };

    it('come back as they were asked for, and are listed with their person, the latest first', async () => {
      const session = await asked();
      const later = { ...session, id: 'f'.repeat(32), askedAt: secondsOn(5) };
      await store.insert(later);
      await expect(store.find(session.id)).resolves.toEqual(session);
      await expect(store.listOf(session.accountId)).resolves.toEqual([later, session]);
      await expect(store.listOf(session.operatorId)).resolves.toEqual([]);
      await store.forgetBefore(secondsOn(6), 1);
      await store.forgetBefore(secondsOn(6), 10);
      await expect(store.find(later.id)).resolves.toBeUndefined();
    });

    it('are begun once, of twenty tries at once, by their operator alone', async () => {
      const { id, operatorId, accountId } = await asked();
      await expect(store.begin(id, accountId, secondsOn(60))).resolves.toBeUndefined();
      const tries = Array.from({ length: 20 }, () => store.begin(id, operatorId, secondsOn(60)));
      const begun = (await Promise.all(tries)).filter((session) => session !== undefined);
      expect(begun).toHaveLength(1);
      expect(begun[0]).toMatchObject({ begunAt: secondsOn(60), endsAt: secondsOn(60 + 30 * 60) });
    });

    it('are not begun too late, nor after they were ended', async () => {
      const late = await asked();
      await expect(store.begin(late.id, late.operatorId, secondsOn(600))).resolves.toBeUndefined();
      const ended = await asked();
      await expect(store.end(ended.id, ended.operatorId, secondsOn(1))).resolves.toBe(false);
      await expect(store.end(ended.id, ended.accountId, secondsOn(1))).resolves.toBe(true);
      await expect(store.end(ended.id, ended.accountId, secondsOn(1))).resolves.toBe(false);
      await expect(store.begin(ended.id, ended.operatorId, secondsOn(2))).resolves.toBeUndefined();
    });

    it('let one browser in, once, soon after they have begun', async () => {
      const { id, operatorId, accountId } = await asked();
      await expect(store.enter(id, operatorId, entering)).resolves.toBeUndefined();
      await store.begin(id, operatorId, secondsOn(60));
      await expect(store.enter(id, accountId, entering)).resolves.toBeUndefined();
      const late = { now: secondsOn(200), begunAfter: secondsOn(140) };
      await expect(store.enter(id, operatorId, late)).resolves.toBeUndefined();
      const tries = Array.from({ length: 20 }, () => store.enter(id, operatorId, entering));
      const entered = (await Promise.all(tries)).filter((one) => one !== undefined);
      expect(entered).toMatchObject([{ session: { accountId }, sessionsEndedAt: null }]);
    });

    it('go with the account of the person or of the operator', async () => {
      for (const who of ['accountId', 'operatorId'] as const) {
        const session = await asked();
        await accounts.delete(session[who]);
        await expect(store.find(session.id)).resolves.toBeUndefined();
      }
    });
  });
}
