import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Committed } from '../../adapters/postgres/artifacts/commit.ts';
import type { LoginCandidate } from '../../server/authn/credential-store.ts';
import { anId, aPayload } from './artifact-payloads.ts';
import type { ArtifactUnitsUnderTest } from './artifact-units.ts';
import { anAccount, anAttempt } from './builders.ts';

const over: Committed = { kind: 'lost', isWorthRepeating: false };

/** Which proofs of who somebody is count, when all sessions of the account are ended meanwhile. */
export function describeArtifactProofs(name: string, open: () => ArtifactUnitsUnderTest): void {
  describe(`${name}: a proof, and the end of all sessions of its account`, () => {
    let under: ArtifactUnitsUnderTest;
    beforeAll(() => {
      under = open();
    });

    const oldPassword = { hash: 'old', keyId: 'key' };
    const newPassword = { hash: 'new', keyId: 'key' };

    async function addAccount() {
      const account = anAccount();
      await under.accounts.insert(account);
      await under.credentials.savePassword(account.id, oldPassword);
      const prove = async (): Promise<LoginCandidate> => {
        const { candidate } = await under.attempts.admit(anAttempt({ accountId: account.id }));
        if (candidate === undefined) throw new Error('the account is not there');
        return candidate;
      };
      return { account, prove };
    }

    /** Resumes an interaction that holds this proof. */
    async function signIn({ accountId, sessionsEndedAt }: LoginCandidate): Promise<[Committed, string]> {
      const [interaction, session] = [anId(), anId()];
      const login = { accountId, ...(sessionsEndedAt === undefined ? {} : { sessionsEndedAt }) };
      const open = aPayload('Interaction', interaction);
      await under.adapterOf('Interaction').upsert(interaction, open, 60);
      await under.adapterOf('Interaction').upsert(interaction, { ...open, result: { login } }, 60);
      const outcome = await under.units.run({ wait: 'browser' }, async () => {
        await under.adapterOf('Interaction').find(interaction);
        await under.adapterOf('Interaction').destroy(interaction);
        const begun = aPayload('Session', session, { accountId, authorizations: {} });
        await under.adapterOf('Session').upsert(session, begun, 60);
        return under.units.commit(undefined);
      });
      return [outcome, session];
    }
    const isThere = async (session: string) => (await under.adapterOf('Session').find(session)) !== undefined;

    it('counts when none were ended, or none since it was looked up', async () => {
      const { account, prove } = await addAccount();
      const [first] = await signIn(await prove());
      expect(first).toMatchObject({ kind: 'committed' });
      await under.revokeAll(account.id);
      const [second] = await signIn(await prove());
      expect(second).toMatchObject({ kind: 'committed' });
    });

    it('does not count when they were ended since, nor when nobody has said when it was looked up', async () => {
      const { account, prove } = await addAccount();
      const early = await prove();
      await under.revokeAll(account.id);
      const late = await prove();
      await under.revokeAll(account.id);
      for (const stale of [early, late, { ...late, sessionsEndedAt: null }]) {
        const [outcome, session] = await signIn(stale);
        expect(outcome).toEqual(over);
        expect(await isThere(session)).toBe(false);
      }
    });

    it('does not count for an account that was disabled since', async () => {
      const { account, prove } = await addAccount();
      const proof = await prove();
      await under.accounts.update({ ...account, status: 'disabled', version: 2 }, 1);
      const [outcome] = await signIn(proof);
      expect(outcome).toEqual(over);
    });

    it('that was looked up while a new password was being written counts only if it is of the new one', async () => {
      const { account, prove } = await addAccount();
      let begin: (() => void) | undefined;
      // Begun outside, so that it is no part of the transaction.
      const reading = new Promise<void>((resolve) => {
        begin = resolve;
      }).then(prove);
      await under.database.inTransaction(async () => {
        await under.credentials.savePassword(account.id, newPassword);
        await under.revokeAll(account.id);
        begin?.();
        if (under.hasSessions) await reading;
      });
      const candidate = await reading;
      const [outcome] = await signIn(candidate);
      expect(outcome.kind).toBe(candidate.password?.hash === 'new' ? 'committed' : 'lost');
      if (under.hasSessions) expect(outcome).toEqual(over);
    });

    it('that is used while all sessions are being ended begins none that lasts', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { account, prove } = await addAccount();
        const proofs = await Promise.all(Array.from({ length: 6 }, prove));
        const attempts = proofs.map(signIn);
        const ending = under.revokeAll(account.id);
        const sessions = await Promise.all(attempts);
        await ending;
        for (const [, session] of sessions) expect(await isThere(session)).toBe(false);
      }
    });
  });
}
