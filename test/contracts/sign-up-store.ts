import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { NewSignUp, SignUpStore } from '../../server/accounts/sign-up/sign-up.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { aWord, someTime } from './builders.ts';

function aSignUp(overrides: Partial<NewSignUp> = {}): NewSignUp {
  const word = aWord();
  return {
    id: word,
    email: `${word}@example.com`,
    username: null,
    profile: { name: 'Somebody' },
    password: { hash: `hash ${word}`, keyId: 'k1' },
    browserHash: randomBytes(32),
    interaction: `interaction ${word}`,
    clientId: 'client',
    termsVersion: '2031-01',
    createdAt: someTime,
    expiresAt: new Date(someTime.getTime() + 3_600_000),
    ...overrides,
  };
}

/** The promises of the port SignUpStore. */
export function describeSignUpStore(
  name: string,
  open: () => { signUps: SignUpStore; inTransaction: InTransaction },
): void {
  describe(`${name}: sign-ups`, () => {
    let signUps: SignUpStore;
    let inTransaction: InTransaction;
    beforeAll(() => {
      ({ signUps, inTransaction } = open());
    });
    const save = async (overrides: Partial<NewSignUp> = {}) => {
      const signUp = aSignUp(overrides);
      return { ...signUp, id: await signUps.save(signUp) };
    };

    it('gives back what was kept', async () => {
      const signUp = await save({ username: 'wanted' });
      const kept = { ...signUp, confirmedAt: null, endedAt: null };
      await expect(signUps.find(signUp.id)).resolves.toEqual(kept);
      await expect(signUps.findOfBrowser(signUp.browserHash, signUp.interaction)).resolves.toEqual(kept);
      await expect(signUps.findOfBrowser(randomBytes(32), signUp.interaction)).resolves.toBeUndefined();
      await expect(signUps.find('nobody')).resolves.toBeUndefined();
    });

    it('takes the same address from the same browser for the same sign-up, with what came last', async () => {
      const first = await save();
      const { browserHash, email } = first;
      const again = await save({ browserHash, email: email.toUpperCase(), interaction: 'a later one' });
      expect(again.id).toBe(first.id);
      await expect(signUps.find(first.id)).resolves.toMatchObject({
        password: again.password,
        interaction: 'a later one',
      });
    });

    it('lets several wait for one address, of which one is confirmed and ends the others', async () => {
      const first = await save();
      const others = [await save({ email: first.email }), await save({ email: first.email.toUpperCase() })];
      const stranger = await save();
      await expect(signUps.confirm(first.id, someTime)).resolves.toMatchObject({
        password: first.password,
        confirmedAt: null,
      });
      await expect(signUps.find(first.id)).resolves.toMatchObject({
        confirmedAt: someTime,
        password: { hash: '' },
      });
      for (const { id } of others) {
        await expect(signUps.find(id)).resolves.toMatchObject({ endedAt: someTime, password: { hash: '' } });
        await expect(signUps.confirm(id, someTime)).resolves.toBeUndefined();
      }
      await expect(signUps.confirm(stranger.id, someTime)).resolves.toBeDefined();
    });

    it('confirms one of 50 at once', async () => {
      const { id } = await save();
      const won = await Promise.all(Array.from({ length: 50 }, () => signUps.confirm(id, someTime)));
      expect(won.filter((one) => one !== undefined)).toHaveLength(1);
    });

    it('confirms nothing that has expired, and nothing in a transaction that fails', async () => {
      const { id, expiresAt } = await save();
      await expect(signUps.confirm(id, expiresAt)).resolves.toBeUndefined();
      const failing = inTransaction(async () => {
        await signUps.confirm(id, someTime);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await expect(signUps.confirm(id, someTime)).resolves.toBeDefined();
    });

    it('ends all that wait for an address', async () => {
      const { id, email } = await save();
      await signUps.endAll(email, someTime);
      await expect(signUps.confirm(id, someTime)).resolves.toBeUndefined();
    });
  });
}
