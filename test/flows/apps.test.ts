import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asPage } from '../interactions/house.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { type AccountTokens, callApi, signInForApi } from './people.ts';
import {
  type Account,
  type App,
  addAccount,
  isConsent,
  registerApp,
  registerService,
  signInAndAllow,
} from './protocol/app.ts';

describe.each(['postgres', 'embedded'] as const)(
  'apps that may do something for people, on %s',
  (database) => {
    let server: RunningGatehouse;
    let album: App;
    let own: App;
    let guard: App;
    let count = 0;
    beforeAll(async () => {
      server = await startGatehouse({ database });
      album = await registerApp(server, { client_name: 'Photo Album' });
      own = await registerApp(server, { client_name: 'Our Wiki', skip_consent: true });
      guard = await registerService(server, { introspection_scope: 'any' });
    }, 60_000);
    afterAll(() => server.dispose(), 60_000);

    const somebody = () => {
      count += 1;
      return addAccount(server, `apps-${count}@example.org`);
    };
    const list = async ({ jwt }: AccountTokens) =>
      (await callApi(server, jwt, 'GET', '/grants')).body.items ?? [];
    const isActive = async (token: string) => (await guard.post('introspect', { token })).body.active;
    /** Signed in for the API by an app of the operator, so that the tokens outlive what is withdrawn. */
    const console_ = (who: Account) => signInForApi(server, own, who);

    it('are listed with what they may see, since when, and when they used it last', async () => {
      const me = await console_(await somebody());
      expect(await list(me)).toEqual([
        expect.objectContaining({
          client_name: 'Our Wiki',
          consented: false,
          signed_in: true,
          last_used_at: null,
        }),
      ]);
      await me.person.visit(album.begin({ scope: 'openid email' }).url);
      await me.person.submit({}, { button: 'allow' });
      const [, unused] = await list(me);
      expect(unused).toMatchObject({
        id: album.registration.clientId,
        client_name: 'Photo Album',
        scopes: ['email', 'openid'],
        consented: true,
        signed_in: true,
        last_used_at: null,
      });
      await album.redeem(...(await silently(me)));
      const [, used] = await list(me);
      for (const time of [used?.since, used?.last_used_at])
        expect(Math.abs(Date.now() / 1000 - Number(time))).toBeLessThan(60);
    });

    async function silently(me: AccountTokens) {
      const attempt = album.begin({ scope: 'openid email' });
      return [attempt, await me.person.visit(attempt.url)] as const;
    }

    it('lose everything when their person takes it back: opaque, JWT and refresh tokens, userinfo, introspection', async () => {
      const who = await somebody();
      const me = await console_(who);
      const jwt = await signInForApi(server, album, who, { person: me.person });
      const { body: opaque } = await signInAndAllow(album, me.person, who);
      expect(await isActive(jwt.jwt)).toBe(true);
      expect(await isActive(String(opaque.access_token))).toBe(true);
      const { clientId } = album.registration;
      expect((await callApi(server, me.jwt, 'DELETE', `/grants/${clientId}`)).status).toBe(204);
      expect(await isActive(jwt.jwt)).toBe(false);
      expect(await isActive(String(opaque.access_token))).toBe(false);
      expect(await isActive(String(opaque.refresh_token))).toBe(false);
      expect((await callApi(server, jwt.jwt, 'GET', '/profile')).status).toBe(401);
      expect((await album.userinfo(String(opaque.access_token))).status).toBe(401);
      for (const token of [jwt.refresh, String(opaque.refresh_token)])
        expect((await album.refresh(token)).body.error).toBe('invalid_grant');
      // What hangs from others stays.
      expect((await callApi(server, me.jwt, 'GET', '/profile')).status).toBe(200);
      expect((await list(me)).map(({ client_name }) => client_name)).toEqual(['Our Wiki']);
      expect(isConsent(await me.person.visit(album.begin().url))).toBe(true);
      const silent = await me.person.visit(album.begin({ prompt: 'none' }).url);
      expect(silent.url.searchParams.get('error')).toBe('consent_required');
      const again = await callApi(server, me.jwt, 'DELETE', `/grants/${clientId}`);
      expect([again.status, again.body.code]).toEqual([404, 'grant_not_found']);
    });

    it('of the operator are signed out of on all devices', async () => {
      const who = await somebody();
      const [phone, desk] = [await console_(who), await signInForApi(server, album, who)];
      expect((await callApi(server, desk.jwt, 'DELETE', `/grants/${own.registration.clientId}`)).status).toBe(
        204,
      );
      expect((await callApi(server, phone.jwt, 'GET', '/profile')).status).toBe(401);
      expect((await own.refresh(phone.refresh)).status).toBe(400);
      expect((await callApi(server, desk.jwt, 'GET', '/profile')).status).toBe(200);
    });

    it('of somebody else, and pages of this server, are nothing that could be taken back', async () => {
      const [ada, eve] = [await console_(await somebody()), await console_(await somebody())];
      await signInAndAllow(album, ada.person, { sub: '', username: '', password: '' });
      await eve.person.visit('/account/profile');
      for (const id of [album.registration.clientId, 'gatehouse-account', 'nobody', '%20']) {
        const { status } = await callApi(server, eve.jwt, 'DELETE', `/grants/${id}`);
        expect([id, status]).toEqual([id, 404]);
      }
      expect((await list(ada)).map(({ client_name }) => client_name)).toEqual(['Our Wiki', 'Photo Album']);
    });

    it('are shown and taken back on a page, in the words of the consent page', async () => {
      const who = await somebody();
      const me = await console_(who);
      await signInAndAllow(album, me.person, who);
      const page = asPage(await me.person.visit('/account/apps'));
      for (const words of [
        'Photo Album',
        'Our Wiki',
        'See your e-mail address',
        'You allowed this.',
        'does not ask',
      ])
        expect(page.text).toContain(words);
      const after = asPage(
        await me.person.submit({ app: album.registration.clientId }, { action: '/withdraw' }),
      );
      expect(after.text).toContain('Done. What the app held is worth nothing any more.');
      expect(after.text).not.toContain('Photo Album');
    });

    it('can be looked at and ended by operators', async () => {
      const who = await somebody();
      const me = await console_(who);
      await signInAndAllow(album, me.person, who);
      const path = `users/${who.sub}/grants`;
      expect((await server.admin('GET', path)).body.items).toHaveLength(2);
      expect((await server.admin('DELETE', `${path}/${album.registration.clientId}`)).status).toBe(204);
      expect((await server.admin('DELETE', `${path}/${album.registration.clientId}`)).status).toBe(404);
      expect((await server.admin('DELETE', path)).status).toBe(204);
      expect((await server.admin('GET', path)).body.items).toEqual([]);
    });
  },
);
