import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asPage } from '../interactions/house.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { type AccountTokens, callApi, signInForApi } from './people.ts';
import { type App, addAccount, registerApp, signInAndAllow } from './protocol/app.ts';

describe.each(['postgres', 'embedded'] as const)('the activity of an account, on %s', (database) => {
  let server: RunningGatehouse;
  let own: App;
  let album: App;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database });
    own = await registerApp(server, { client_name: 'Our Wiki', skip_consent: true });
    album = await registerApp(server, { client_name: 'Photo Album' });
  }, 60_000);
  afterAll(() => server.dispose(), 60_000);

  const somebody = () => {
    count += 1;
    return addAccount(server, `activity-${count}@example.org`);
  };
  const list = async ({ jwt }: AccountTokens, query = '') => {
    const { body } = await callApi(server, jwt, 'GET', `/activity${query}`);
    return { items: body.items ?? [], next: typeof body.next === 'string' ? body.next : null };
  };

  it('is told in kinds, newest first, with who did it', async () => {
    const who = await somebody();
    const stranger = makePerson(server.issuer);
    await stranger.visit(own.begin().url);
    for (let guess = 0; guess < 3; guess += 1) await stranger.signIn({ ...who, password: `wrong ${guess}` });
    const me = await signInForApi(server, own, who);
    await signInAndAllow(album, me.person, who);
    await callApi(server, me.jwt, 'DELETE', `/grants/${album.registration.clientId}`);
    await callApi(server, me.jwt, 'DELETE', '/sessions');
    await server.admin('PATCH', `users/${who.sub}`, { name: 'Another Name' });
    const { items, next } = await list(me);
    expect(items.map(({ kind, count: times, by }) => [kind, times, by])).toEqual([
      ['details_changed', 1, 'other'],
      ['other_sessions_ended', 1, 'you'],
      ['app_withdrawn', 1, 'you'],
      ['app_connected', 1, 'you'],
      ['signed_in', 1, 'you'],
      ['sign_in_failed', 3, 'unknown'],
      ['account_created', 1, 'other'],
    ]);
    expect(next).toBeNull();
    expect(items[0]).toMatchObject({ ip: null, device: { browser: null } });
    expect(items[2]).toMatchObject({ app: { client_name: 'Photo Album' }, ip: '127.0.0.1' });
    const page = asPage(await me.person.visit('/account/activity'));
    for (const words of [
      'Took back what an app may do: Photo Album',
      '3 times',
      'not done by you',
      'Signed in',
    ])
      expect(page.text).toContain(words);
    expect(page.text).not.toContain('Another Name');
  });

  it('comes in pages that miss nothing and repeat nothing', async () => {
    const who = await somebody();
    const me = await signInForApi(server, own, who);
    for (let round = 0; round < 6; round += 1)
      await server.admin('PATCH', `users/${who.sub}`, { name: `Name ${round}` });
    const { items: all } = await list(me);
    expect(all).toHaveLength(8);
    const seen: unknown[] = [];
    let after = '';
    for (let page = 0; page < 9; page += 1) {
      const { items, next } = await list(me, `?limit=3${after}`);
      seen.push(...items);
      if (next === null) break;
      after = `&after=${encodeURIComponent(next)}`;
    }
    expect(seen).toEqual(all);
  });

  it('leads from its page to what is older', async () => {
    const who = await somebody();
    const me = await signInForApi(server, own, who);
    for (let round = 0; round < 25; round += 1)
      await server.admin('PATCH', `users/${who.sub}`, { name: `Name ${round}` });
    const first = asPage(await me.person.visit('/account/activity'));
    expect(first.text).not.toContain('Signed in');
    const [older = ''] = /\/account\/activity\?before=[^"]+/.exec(first.html) ?? [];
    expect(asPage(await me.person.visit(older)).text).toContain('Signed in');
  });

  it('is nobody else’s, whatever place is asked for', async () => {
    const ada = await signInForApi(server, own, await somebody());
    const eve = await signInForApi(server, own, await somebody());
    for (const after of [
      '1',
      'x',
      '9'.repeat(30),
      `${Buffer.from('1').toString('base64url')}.${'A'.repeat(43)}`,
    ]) {
      const answer = await callApi(server, eve.jwt, 'GET', `/activity?after=${after}`);
      expect([after, answer.status, answer.body.code]).toEqual([after, 400, 'invalid_cursor']);
    }
    const most = '9'.repeat(18);
    for (const before of ['1', '0.0', '-1.1', 'x', `${most}.${most}`, '9'.repeat(40)]) {
      const page = asPage(await eve.person.visit(`/account/activity?before=${before}`));
      expect([before, page.status]).toEqual([before, 200]);
    }
    expect((await list(ada)).items).toHaveLength(2);
    expect((await list(eve)).items).toHaveLength(2);
  });
});
