import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AccountTokens, accountScope, signInForApi } from '../flows/people.ts';
import { type App, addAccount, isConsent, registerApp } from '../flows/protocol/app.ts';
import { makePerson } from '../support/person.ts';
import { basic } from '../support/relying-party.ts';
import { type Arena, grounds, openArena, patience } from './arena.ts';
import { openLine, rawGet, rawPost } from './barrier.ts';

describe.each(grounds)('taking back what an app may do, %s', (ground) => {
  let arena: Arena;
  let app: App;
  beforeAll(async () => {
    arena = await openArena(ground, { GATEHOUSE_REFRESH_REPLAY_WINDOW: '0s' });
    app = await registerApp(arena.server, {
      client_id: 'foreign',
      redirect_uris: ['https://foreign.example/back'],
    });
  }, 120_000);
  afterAll(() => arena.dispose(), 60_000);

  const withdrawal = ({ jwt }: AccountTokens): string =>
    [
      `DELETE /api/account/v1/grants/foreign HTTP/1.1`,
      `host: ${arena.host}`,
      `authorization: Bearer ${jwt}`,
      '',
      '',
    ].join('\r\n');
  const last = (index: number): number => arena.ports[index % arena.ports.length] ?? 0;

  it(
    'B10 leaves nothing alive that a refresh at the same moment has brought, in 200 races',
    async () => {
      const who = await addAccount(arena.server, 'refresher@example.org');
      const me = await signInForApi(arena.server, arena.album, who);
      const lines = await Promise.all([openLine(last(0)), openLine(last(1))]);
      const { clientId, clientSecret = '' } = app.registration;
      let refreshed = 0;
      for (let round = 0; round < arena.rounds(200); round += 1) {
        const got = await signInForApi(arena.server, app, who, { person: me.person });
        const refresh = rawPost(
          arena.host,
          '/oauth2/token',
          { authorization: basic(clientId, clientSecret) },
          { grant_type: 'refresh_token', refresh_token: got.refresh },
        );
        const [one, other] = round % 2 === 0 ? lines : [lines[1], lines[0]];
        one.prepare(refresh);
        other.prepare(withdrawal(me));
        const first = round % 4 < 2 ? [one, other] : [other, one];
        const answers = await Promise.all(first.map((line) => line.release()));
        const [fresh, gone] = round % 4 < 2 ? answers : answers.toReversed();
        expect([200, 400]).toContain(fresh?.status);
        expect(gone?.status).toBe(204);
        const tokens = [got.jwt, got.refresh];
        if (fresh?.status === 200) {
          refreshed += 1;
          const body = JSON.parse(fresh.body);
          tokens.push(body.access_token, body.refresh_token);
        }
        for (const token of tokens)
          expect((await app.post('introspect', { token })).body).toEqual({ active: false });
        const newest = tokens.at(-1) ?? '';
        expect((await app.refresh(newest)).body.error).toBe('invalid_grant');
      }
      expect(refreshed).toBeGreaterThan(0);
      for (const line of lines) line.close();
    },
    patience,
  );

  it(
    'leaves no grant behind that an authorization at the same moment has filled from it',
    async () => {
      const who = await addAccount(arena.server, 'authorizer@example.org');
      const me = await signInForApi(arena.server, arena.album, who);
      const lines = await Promise.all([openLine(last(0)), openLine(last(1))]);
      for (let round = 0; round < arena.rounds(60); round += 1) {
        await signInForApi(arena.server, app, who, { person: me.person });
        // Another browser, which has no grant for the app yet and takes it from the consent.
        const elsewhere = makePerson(arena.issuer);
        await elsewhere.visit(arena.album.begin().url);
        await elsewhere.signIn(who);
        const attempt = app.begin({ scope: accountScope, resource: `${arena.issuer}/api/account` });
        const cookie = elsewhere.jar.header(attempt.url) ?? '';
        const [one, other] = round % 2 === 0 ? lines : [lines[1], lines[0]];
        one.prepare(rawGet(arena.host, `${attempt.url.pathname}${attempt.url.search}`, { cookie }));
        other.prepare(withdrawal(me));
        const [answer, gone] = await Promise.all([one.release(), other.release()]);
        expect(gone.status).toBe(204);
        const back = new URL(answer.location ?? '', arena.issuer);
        const code = back.searchParams.get('code');
        if (code !== null) {
          const redeemed = await app.redeem(attempt, { kind: 'elsewhere', url: back });
          expect([redeemed.status, redeemed.body.error]).toEqual([400, 'invalid_grant']);
        }
        expect(isConsent(await elsewhere.visit(app.begin().url))).toBe(true);
      }
      for (const line of lines) line.close();
    },
    patience,
  );
});
