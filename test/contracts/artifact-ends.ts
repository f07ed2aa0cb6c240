import { beforeAll, describe, expect, it } from '@jest/globals';
import { errors } from 'oidc-provider';
import { anId, aPayload, inSeconds, type Model, models } from './artifact-payloads.ts';
import type { ArtifactsUnderTest } from './artifact-store.ts';

const racers = 50;
const consumable: readonly Model[] = [
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'PreAuthorizedCode',
  'PushedAuthorizationRequest',
];
/** An interaction remembers a grant, but does not belong to it: it must go on when that grant is exchanged for another. */
const ofGrants = models.filter((model) => !['Interaction', 'Grant'].includes(model));

/** What the engine may rely on when something is used up or taken back, by however many at once. */
export function describeArtifactEnds(name: string, open: () => ArtifactsUnderTest): void {
  describe(`${name}: artifacts that come to their end`, () => {
    let under: ArtifactsUnderTest;
    beforeAll(() => {
      under = open();
    });

    async function store(model: Model, overrides: Parameters<typeof aPayload>[2] = {}): Promise<string> {
      const id = anId();
      await under.adapterOf(model).upsert(id, aPayload(model, id, overrides), 60);
      return id;
    }
    const isThere = async (model: Model, id: string) => (await under.adapterOf(model).find(id)) !== undefined;

    describe.each(consumable)('%s', (model) => {
      const refusal = model === 'PushedAuthorizationRequest' ? errors.InvalidRequestUri : errors.InvalidGrant;

      it(`is consumed by one of ${racers}; the others get the error of the specification`, async () => {
        const id = await store(model);
        const outcomes = await Promise.allSettled(
          Array.from({ length: racers }, () => under.adapterOf(model).consume(id)),
        );
        const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(losers).toHaveLength(racers - 1);
        for (const { reason } of losers) expect(reason).toBeInstanceOf(refusal);
      });

      it('says that it was consumed, and when, also after it was saved again', async () => {
        const id = await store(model);
        await under.adapterOf(model).consume(id);
        const consumed = await under.adapterOf(model).find(id);
        expect(Math.abs(Number(consumed?.consumed) - inSeconds(0))).toBeLessThan(30);
        await under.adapterOf(model).upsert(id, aPayload(model, id), 60);
        await expect(under.adapterOf(model).find(id)).resolves.toMatchObject({
          consumed: consumed?.consumed,
        });
      });

      it('cannot be consumed when it is not there or has expired', async () => {
        const expired = await store(model, { exp: inSeconds(-1) });
        for (const id of [anId(), expired]) {
          await expect(under.adapterOf(model).consume(id)).rejects.toBeInstanceOf(refusal);
        }
      });
    });

    /** One of everything for a grant, and the grant itself. */
    async function aFamily(): Promise<{ grantId: string; members: [Model, string][] }> {
      const grantId = await store('Grant');
      const members = await Promise.all(
        ofGrants.map(async (model): Promise<[Model, string]> => [model, await store(model, { grantId })]),
      );
      return { grantId, members };
    }

    it('ends the family of a code that is used a second time: all that has its grant, and the grant', async () => {
      const [family, others] = [await aFamily(), await aFamily()];
      const code = await store('AuthorizationCode', { grantId: family.grantId });
      await under.adapterOf('AuthorizationCode').consume(code);
      await expect(under.adapterOf('AuthorizationCode').consume(code)).rejects.toMatchObject({
        error: 'invalid_grant',
        error_detail: 'authorization code already consumed',
      });
      for (const [model, id] of family.members)
        expect([model, await isThere(model, id)]).toEqual([model, false]);
      expect(await isThere('Grant', family.grantId)).toBe(false);
      for (const [model, id] of others.members)
        expect([model, await isThere(model, id)]).toEqual([model, true]);
      expect(await isThere('Grant', others.grantId)).toBe(true);
    });

    it('leaves the family of a code alone that has expired unused', async () => {
      const { grantId } = await aFamily();
      const code = await store('AuthorizationCode', { grantId, exp: inSeconds(-1) });
      await expect(under.adapterOf('AuthorizationCode').consume(code)).rejects.toThrow(errors.InvalidGrant);
      expect(await isThere('Grant', grantId)).toBe(true);
    });

    it.each(models)('revokes a grant in every model, asked through %s', async (asked) => {
      const [family, others] = [await aFamily(), await aFamily()];
      await under.adapterOf(asked).revokeByGrantId(family.grantId);
      for (const [model, id] of family.members)
        expect([model, await isThere(model, id)]).toEqual([model, false]);
      for (const [model, id] of others.members)
        expect([model, await isThere(model, id)]).toEqual([model, true]);
    });

    it('lets an interaction go on when a grant that it remembers is revoked', async () => {
      const grantId = await store('Grant');
      const interaction = await store('Interaction', { grantId });
      await under.adapterOf('AccessToken').revokeByGrantId(grantId);
      await expect(under.adapterOf('Interaction').find(interaction)).resolves.toMatchObject({ grantId });
    });

    it('opens no interaction again that is over', async () => {
      const id = await store('Interaction');
      await under.adapterOf('Interaction').destroy(id);
      const late = aPayload('Interaction', id, { result: { login: { accountId: anId() } } });
      await expect(under.adapterOf('Interaction').upsert(id, late, 60)).rejects.toThrow(
        errors.SessionNotFound,
      );
      expect(await isThere('Interaction', id)).toBe(false);
    });

    it('ends everything of an account, sign-ins that only wait to be resumed too, and nothing of another', async () => {
      const [accountId, other] = [anId(), anId()];
      const personal = models.filter((model) => model !== 'Interaction');
      const ended = await Promise.all(personal.map((model) => store(model, { accountId })));
      const kept = await Promise.all(personal.map((model) => store(model, { accountId: other })));
      const waiting = await store('Interaction');
      await under
        .adapterOf('Interaction')
        .upsert(waiting, aPayload('Interaction', waiting, { result: { login: { accountId } } }), 60);
      const elsewhere = await store('Interaction', { session: { accountId } });
      await under.revokeAll(accountId);
      for (const [index, model] of personal.entries()) {
        expect([model, await isThere(model, ended[index] ?? '')]).toEqual([model, false]);
        expect([model, await isThere(model, kept[index] ?? '')]).toEqual([model, true]);
      }
      expect(await isThere('Interaction', waiting)).toBe(false);
      expect(await isThere('Interaction', elsewhere)).toBe(true);
    });

    it('ends everything of a client, and nothing of another', async () => {
      const clientId = anId();
      const ended = await store('RefreshToken', { clientId });
      const kept = await store('RefreshToken', { clientId: anId() });
      await under.revokeClient(clientId);
      expect([await isThere('RefreshToken', ended), await isThere('RefreshToken', kept)]).toEqual([
        false,
        true,
      ]);
    });

    it(`lets one of ${racers} see an identifier for the first time`, async () => {
      const id = anId();
      const seen = await Promise.all(
        Array.from({ length: racers }, () => under.seenOnce('https://client.example', id, inSeconds(60))),
      );
      expect(seen.filter(Boolean)).toHaveLength(1);
    });

    it('knows an identifier by its issuer, and forgets it when it could not be valid any more', async () => {
      const id = anId();
      await expect(under.seenOnce('https://a.example', id, inSeconds(-1))).resolves.toBe(true);
      await expect(under.seenOnce('https://a.example', id, inSeconds(60))).resolves.toBe(true);
      await expect(under.seenOnce('https://a.example', id, inSeconds(60))).resolves.toBe(false);
      await expect(under.seenOnce('https://b.example', id, inSeconds(60))).resolves.toBe(true);
    });

    it('takes no replayed identifier through the engine’s own model either', async () => {
      const id = await store('ReplayDetection');
      const again = under.adapterOf('ReplayDetection').upsert(id, aPayload('ReplayDetection', id), 60);
      await expect(again).rejects.toThrow(errors.InvalidRequest);
    });
  });
}
