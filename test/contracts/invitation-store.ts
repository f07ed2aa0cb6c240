import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Invitation, InvitationStore } from '../../server/accounts/invitations/invitation.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { aWord, someTime } from './builders.ts';

/** The promises of the port InvitationStore. */
export function describeInvitationStore(
  name: string,
  open: () => { invitations: InvitationStore; inTransaction: InTransaction },
): void {
  describe(`${name}: invitations`, () => {
    let invitations: InvitationStore;
    let inTransaction: InTransaction;
    beforeAll(() => {
      ({ invitations, inTransaction } = open());
    });
    const save = async (overrides: Partial<Invitation> = {}): Promise<Invitation> => {
      const word = aWord();
      const invitation: Invitation = {
        id: word,
        email: `${word}@example.com`,
        roles: ['admin'],
        clientId: null,
        createdAt: someTime,
        expiresAt: new Date(someTime.getTime() + 3_600_000),
        acceptedAt: null,
        revokedAt: null,
        accountId: null,
        ...overrides,
      };
      await expect(invitations.insert(invitation)).resolves.toEqual({ kind: 'written' });
      return invitation;
    };

    it('gives back what was kept, alone and in pages', async () => {
      const invitation = await save();
      await expect(invitations.find(invitation.id)).resolves.toEqual(invitation);
      await expect(invitations.find('nobody')).resolves.toBeUndefined();
      await save();
      const { items, next } = await invitations.list({ limit: 1 });
      expect([items.length, next]).toEqual([1, expect.any(String)]);
    });

    it('names no client that is not there, and leaves the transaction usable', async () => {
      const word = aWord();
      const outcome = await inTransaction(async () => {
        const refused = await invitations.insert({ ...(await save()), id: word, clientId: 'nobody' });
        return [refused.kind, await invitations.find(word)];
      });
      expect(outcome).toEqual(['client_not_found', undefined]);
    });

    it('is accepted by one of 50 at once, before its time is over', async () => {
      const { id, expiresAt } = await save();
      await expect(invitations.accept(id, 'somebody', expiresAt)).resolves.toBeUndefined();
      const all = Array.from({ length: 50 }, (_, number) =>
        invitations.accept(id, `account ${number}`, someTime),
      );
      expect((await Promise.all(all)).filter((one) => one !== undefined)).toHaveLength(1);
      await expect(invitations.revoke(id, someTime)).resolves.toBe(false);
    });

    it('is revoked once, and never accepted after that', async () => {
      const { id } = await save();
      await expect(invitations.revoke(id, someTime)).resolves.toBe(true);
      await expect(invitations.revoke(id, someTime)).resolves.toBe(false);
      await expect(invitations.accept(id, 'somebody', someTime)).resolves.toBeUndefined();
      await expect(invitations.find(id)).resolves.toMatchObject({ revokedAt: someTime, accountId: null });
    });
  });
}
