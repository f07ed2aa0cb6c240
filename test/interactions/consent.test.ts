import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { waitFor } from '../support/wait-for.ts';
import { aClient, aPerson, asPage, atClient, callback, claimsOf } from './house.ts';

describe('consent', () => {
  let server: RunningGatehouse;
  let people = 0;

  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
  });
  afterAll(() => server.dispose());

  /** Somebody new, who has agreed to nothing yet. */
  const somebody = async () => {
    people += 1;
    const who = await aPerson(server, `person${people}@example.org`, { name: `Person ${people}` });
    return { who, person: makePerson(server.issuer) };
  };

  it('says in plain words who asks for what, as whom, and where it leads', async () => {
    const shop = await aClient(server, {
      client_name: 'Shop <b>"names',
      policy_uri: 'https://app.example/policy',
      tos_uri: 'https://app.example/terms',
    });
    const { who, person } = await somebody();
    await person.visit(shop.begin().url);
    const page = asPage(await person.signIn(who));
    expect(page).toMatchObject({ status: 200 });
    for (const words of [
      'Allow Shop <b>"names',
      'See your profile',
      'See your e-mail address',
      `You are signed in as Person ${people}`,
      'you go on to app.example',
      'privacy policy',
      'terms of service',
    ]) {
      expect(page.text).toContain(words);
    }
    expect(page.html).toContain('href="https://app.example/policy"');
    expect(page.html).not.toContain('<b>');
  });

  it('once given is not asked for again, not even after a sign-out', async () => {
    const shop = await aClient(server);
    const { who, person } = await somebody();
    const attempt = shop.begin();
    await person.visit(attempt.url);
    await person.signIn(who);
    const answer = await person.submit({}, { button: 'allow' });
    await expect(shop.redeem(attempt, answer)).resolves.toMatchObject({ status: 200 });
    expect(atClient(await person.visit(shop.begin().url))).toHaveProperty('code');

    await person.visit(`${server.issuer}/oauth2/logout`);
    await person.submit({}, { button: 'yes' });
    await person.visit(shop.begin().url);
    expect(atClient(await person.signIn(who))).toHaveProperty('code');
  });

  it('leaves the time of the sign-in as it was', async () => {
    const shop = await aClient(server, { require_auth_time: true });
    const { who, person } = await somebody();
    const attempt = shop.begin();
    await person.visit(attempt.url);
    await person.signIn(who);
    const signedIn = Date.now() / 1000;
    await waitFor('the second of the sign-in was over', () => Date.now() / 1000 > Math.ceil(signedIn) + 1);
    const { body } = await shop.redeem(attempt, await person.submit({}, { button: 'allow' }));
    expect(claimsOf(body.id_token).auth_time).toBeLessThanOrEqual(signedIn);
  });

  it('is asked for again for what is new, apart from what was agreed before', async () => {
    const shop = await aClient(server);
    const { who, person } = await somebody();
    await person.visit(shop.begin({ scope: 'openid profile' }).url);
    await person.signIn(who);
    await person.submit({}, { button: 'allow' });
    const attempt = shop.begin({ scope: 'openid profile email' });
    const page = asPage(await person.visit(attempt.url));
    const [fresh = '', known = ''] = page.text.split('You allowed this before');
    expect(fresh).toContain('now asks for more');
    expect(fresh).toContain('See your e-mail address');
    expect(fresh).not.toContain('See your profile');
    expect(known).toContain('See your profile');
    const { body } = await shop.redeem(attempt, await person.submit({}, { button: 'allow' }));
    expect(body.scope).toBe('openid profile email');
  });

  it('refused is told to the app, gives nothing, and is asked for again', async () => {
    const shop = await aClient(server);
    const { who, person } = await somebody();
    const attempt = shop.begin();
    await person.visit(attempt.url);
    await person.signIn(who);
    const answer = atClient(await person.submit({}, { button: 'deny' }));
    expect(answer).toMatchObject({ error: 'access_denied', state: attempt.state });
    expect(asPage(await person.visit(shop.begin().url)).text).toContain('Allow The Shop');
  });

  it('covers what was shown, whatever the form says beside the decision', async () => {
    const shop = await aClient(server);
    const { who, person } = await somebody();
    const attempt = shop.begin({ scope: 'openid' });
    await person.visit(attempt.url);
    const page = asPage(await person.signIn(who));
    page.forms[0]?.fields.push('scope', 'missingOIDCScope');
    const fields = { scope: 'openid email', missingOIDCScope: 'email' };
    const { body } = await shop.redeem(attempt, await person.submit(fields, { button: 'allow' }));
    expect(body.scope).toBe('openid');
    expect(atClient(await person.visit(shop.begin({ scope: 'openid' }).url))).toHaveProperty('code');
    expect(asPage(await person.visit(shop.begin({ scope: 'openid email' }).url)).kind).toBe('page');
  });

  it.each(['', 'perhaps'])('needs a decision, and %j is none', async (decision) => {
    const shop = await aClient(server);
    const { who, person } = await somebody();
    await person.visit(shop.begin().url);
    const page = asPage(await person.signIn(who));
    page.forms[0]?.fields.push('decision');
    expect(asPage(await person.submit({ decision }))).toMatchObject({ status: 400 });
  });

  it('names what a resource server can do in its own words', async () => {
    const shop = await aClient(server);
    const { who, person } = await somebody();
    const resource = `${server.issuer}/api/account`;
    await person.visit(shop.begin({ scope: 'openid account:read', resource }).url);
    const page = asPage(await person.signIn(who));
    expect(page.text).toContain('Your account on this server');
    expect(page.text).toContain('See your account, your sessions and your activity.');
    expect(atClient(await person.submit({}, { button: 'allow' }))).toHaveProperty('code');
  });

  it('is never asked for by a client that the operator trusts, not even by prompt=consent', async () => {
    const shop = await aClient(server, { skip_consent: true });
    const { who, person } = await somebody();
    await person.visit(shop.begin().url);
    expect(atClient(await person.signIn(who))).toHaveProperty('code');
    expect(atClient(await person.visit(shop.begin({ prompt: 'consent' }).url))).toHaveProperty('code');
  });

  it('shows a logo only from where the app lives, which the page then may load', async () => {
    const own = { client_uri: 'https://app.example', logo_uri: 'https://app.example/logo.png' };
    const foreign = { client_uri: 'https://app.example', logo_uri: 'https://bank.example/logo.png' };
    for (const [look, isShown] of [
      [own, true],
      [foreign, false],
    ] as const) {
      const shop = await aClient(server, look);
      const { who, person } = await somebody();
      await person.visit(shop.begin().url);
      const page = asPage(await person.signIn(who));
      expect(page.html.includes(look.logo_uri)).toBe(isShown);
      const policy = String(page.headers['content-security-policy']);
      expect(policy.includes(`img-src 'self' data: ${new URL(look.logo_uri).origin}`)).toBe(isShown);
    }
  });

  it('leads to the app by a page that reloads itself and has a link', async () => {
    const shop = await aClient(server);
    const { who, person } = await somebody();
    await person.visit(shop.begin().url);
    await person.signIn(who);
    const answer = await person.submit({}, { button: 'allow' });
    expect(answer.url.href.startsWith(callback)).toBe(true);
  });
});
