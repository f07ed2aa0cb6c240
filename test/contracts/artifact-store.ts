import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { anId, aPayload, inSeconds, type Model, models } from './artifact-payloads.ts';

export interface ArtifactsUnderTest {
  /** Several connections; the races are run on all of them. */
  database: Database;
  adapterOf(model: string): Adapter;
  seenOnce(issuer: string, id: string, expiresAt: number): Promise<boolean>;
  revokeAll(accountId: string): Promise<void>;
  revokeClient(clientId: string): Promise<void>;
}

/** Everything that the database holds of one artifact, as text. */
export async function rowText(database: Database, model: Model, payload: AdapterPayload): Promise<string> {
  const { rows } = await database.current().raw(
    `select a::text as text from oidc_artifact a where model = :model and payload->>'mark' = :mark
       union all select a::text from short_lived_artifact a where model = :model and payload->>'mark' = :mark`,
    { model, mark: payload.mark as string },
  );
  expect(rows).toHaveLength(1);
  return rows[0].text;
}

/** What the engine may rely on when it stores and reads. */
export function describeArtifacts(name: string, open: () => ArtifactsUnderTest): void {
  describe(`${name}: artifacts of the engine`, () => {
    let adapterOf: ArtifactsUnderTest['adapterOf'];
    let database: Database;
    beforeAll(() => {
      ({ adapterOf, database } = open());
    });

    describe.each(models)('%s', (model) => {
      it('is found again as it was given, its id as jti', async () => {
        const id = anId();
        const payload = aPayload(model, id);
        await adapterOf(model).upsert(id, payload, 60);
        await expect(adapterOf(model).find(id)).resolves.toEqual(payload);
      });

      it('is found as it was given last', async () => {
        const id = anId();
        await adapterOf(model).upsert(id, aPayload(model, id, { exp: inSeconds(-1) }), 60);
        const last = aPayload(model, id, { scope: 'openid email' });
        await adapterOf(model).upsert(id, last, 60);
        await expect(adapterOf(model).find(id)).resolves.toEqual(last);
      });

      it('lies in the database without anything that could be presented', async () => {
        const id = anId();
        const payload = aPayload(model, id, { mark: anId() });
        await adapterOf(model).upsert(id, payload, 60);
        const text = await rowText(database, model, payload);
        const presented = [id, payload.deviceCode, payload.parJti, payload.userCode].filter(isText);
        for (const secret of presented) {
          expect(text).not.toContain(secret);
          expect(text).not.toContain(Buffer.from(secret).toString('hex'));
        }
      });

      it('cannot be seen any more when it has expired, though it is still there', async () => {
        const id = anId();
        const payload = aPayload(model, id, { exp: inSeconds(-1), mark: anId() });
        await adapterOf(model).upsert(id, payload, 60);
        await expect(rowText(database, model, payload)).resolves.toEqual(expect.any(String));
        await expect(adapterOf(model).find(id)).resolves.toBeUndefined();
        if (isText(payload.uid))
          await expect(adapterOf(model).findByUid(payload.uid)).resolves.toBeUndefined();
        if (isText(payload.userCode)) {
          await expect(adapterOf(model).findByUserCode(payload.userCode)).resolves.toBeUndefined();
        }
      });

      it('is gone when it was destroyed, and destroying it again does nothing', async () => {
        const id = anId();
        await adapterOf(model).upsert(id, aPayload(model, id), 60);
        await adapterOf(model).destroy(id);
        await adapterOf(model).destroy(id);
        await expect(adapterOf(model).find(id)).resolves.toBeUndefined();
      });

      it('is not found under the id of another model', async () => {
        const id = anId();
        const other = models[(models.indexOf(model) + 1) % models.length] ?? model;
        await adapterOf(model).upsert(id, aPayload(model, id), 60);
        await expect(adapterOf(other).find(id)).resolves.toBeUndefined();
      });
    });

    it('counts the time to live when there is no exp, and keeps for ever what has neither', async () => {
      const [timed, endless] = [anId(), anId()];
      await adapterOf('RegistrationAccessToken').upsert(timed, { jti: timed }, 60);
      // The engine's types want a number; initial access tokens have none.
      await adapterOf('InitialAccessToken').upsert(endless, { jti: endless }, 0);
      const { rows } = await database.current().raw(
        `select model, extract(epoch from expires_at - now()) as seconds from oidc_artifact
           where payload - 'kind' - 'exp' = '{}' and model in ('RegistrationAccessToken', 'InitialAccessToken')`,
      );
      const seconds = new Map(
        rows.map((row: { model: string; seconds: string | null }) => [row.model, row.seconds]),
      );
      expect(Number(seconds.get('RegistrationAccessToken'))).toBeCloseTo(60, -1);
      expect(seconds.get('InitialAccessToken')).toBeNull();
      await expect(adapterOf('InitialAccessToken').find(endless)).resolves.toEqual({ jti: endless });
    });

    it('finds a session by its uid, and keeps the uid', async () => {
      const id = anId();
      const payload = aPayload('Session', id);
      await adapterOf('Session').upsert(id, payload, 60);
      const { jti: _cookie, ...known } = payload;
      await expect(adapterOf('Session').findByUid(String(payload.uid))).resolves.toEqual(known);
    });

    it('finds a device code by its user code, with the jti under which it is saved again', async () => {
      const id = anId();
      const payload = aPayload('DeviceCode', id);
      await adapterOf('DeviceCode').upsert(id, payload, 60);
      await expect(adapterOf('DeviceCode').findByUserCode(String(payload.userCode))).resolves.toEqual(
        payload,
      );
      await adapterOf('DeviceCode').upsert(id, { ...payload, inFlight: true }, 60);
      await expect(adapterOf('DeviceCode').find(id)).resolves.toMatchObject({ inFlight: true });
    });

    it('keeps no session cookie in an interaction', async () => {
      const id = anId();
      const session = { accountId: anId(), uid: anId(), cookie: anId() };
      const payload = aPayload('Interaction', id, { session, mark: anId() });
      await adapterOf('Interaction').upsert(id, payload, 60);
      await expect(rowText(database, 'Interaction', payload)).resolves.not.toContain(session.cookie);
      await expect(adapterOf('Interaction').find(id)).resolves.toMatchObject({
        session: { accountId: session.accountId, uid: session.uid },
      });
    });

    it('does not open what was moved from another row', async () => {
      const [one, other] = [anId(), anId()];
      for (const id of [one, other])
        await adapterOf('Interaction').upsert(id, aPayload('Interaction', id), 60);
      const { rows } = await database.current().raw(
        `update oidc_artifact a set payload = b.payload from oidc_artifact b
         where a.model = 'Interaction' and b.model = 'Interaction'
           and a.id_hash = sha256(?::text::bytea) and b.id_hash = sha256(?::text::bytea) returning 1`,
        [one, other],
      );
      expect(rows).toHaveLength(1);
      await expect(adapterOf('Interaction').find(one)).rejects.toThrow();
    });

    it.each([
      ['a NUL', { params: { state: 'a\0b' } }],
      ['a NUL in a name', { claims: { userinfo: { 'a\0b': null } } }],
      ['half of a character', { params: { state: '\ud800' } }],
      ['the other half in a name', { claims: { userinfo: { '\udfff': null } } }],
      ['nesting without end', { params: { state: nested(1000) } }],
    ])('refuses %s as a bad request of the client', async (_what, overrides) => {
      const id = anId();
      const saved = adapterOf('Interaction').upsert(
        id,
        aPayload('Interaction', id, overrides as AdapterPayload),
        60,
      );
      await expect(saved).rejects.toThrow(errors.InvalidRequest);
      await expect(adapterOf('Interaction').find(id)).resolves.toBeUndefined();
    });

    it('takes text that only looks like an escaped NUL', async () => {
      const id = anId();
      const payload = aPayload('Interaction', id, { params: { state: '\\u0000 \\\\u0000 \\ud800' } });
      await adapterOf('Interaction').upsert(id, payload, 60);
      await expect(adapterOf('Interaction').find(id)).resolves.toEqual(payload);
    });

    it('looks for ids with a NUL and finds nothing', async () => {
      await expect(adapterOf('AccessToken').find('a\0b')).resolves.toBeUndefined();
      await expect(adapterOf('DeviceCode').findByUserCode('a\0b')).resolves.toBeUndefined();
      await expect(adapterOf('Session').findByUid('a\0b')).resolves.toBeUndefined();
    });

    it('takes payloads of a megabyte', async () => {
      const id = anId();
      const payload = aPayload('PushedAuthorizationRequest', id, { request: 'ä'.repeat(500_000) });
      await adapterOf('PushedAuthorizationRequest').upsert(id, payload, 60);
      await expect(adapterOf('PushedAuthorizationRequest').find(id)).resolves.toEqual(payload);
    });

    it('gives back whatever JSON it was given', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', ''));
      const { json } = fc.letrec((tie) => ({
        json: fc.oneof(
          { depthSize: 'small' },
          text,
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
          fc.constant(null),
          fc.array(tie('json'), { maxLength: 4 }),
          fc.dictionary(text, tie('json'), { maxKeys: 4, noNullPrototype: true }),
        ),
      }));
      const property = fc.asyncProperty(fc.constantFrom(...models), json, async (model, params) => {
        const id = anId();
        const payload = aPayload(model, id, { params } as AdapterPayload);
        await adapterOf(model).upsert(id, payload, 60);
        const found = await adapterOf(model).find(id);
        expect(found).toEqual(JSON.parse(JSON.stringify(payload)));
      });
      await fc.assert(property, { numRuns: 150 });
    });
  });
}

function nested(depth: number): unknown {
  return depth === 0 ? 'end' : { a: nested(depth - 1) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
