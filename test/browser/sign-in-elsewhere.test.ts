import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { aClient, aPerson } from '../interactions/house.ts';
import { openBrowser } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { type App, openApp } from './app.ts';
import { openTab, type Tab } from './tabs.ts';

describe('signing in at an app of somebody else, in a browser', () => {
  let server: RunningGatehouse;
  let browser: Browser;
  let app: App;
  let asking: Awaited<ReturnType<typeof aClient>>;
  let trusted: Awaited<ReturnType<typeof aClient>>;
  let tab: Tab;
  let people = 0;
  let who: { username: string; password: string };

  beforeAll(async () => {
    [server, browser, app] = await Promise.all([
      startGatehouse({ database: 'postgres' }),
      openBrowser(),
      openApp(),
    ]);
    const metadata = { redirect_uris: [app.callback], post_logout_redirect_uris: [app.afterSignOut] };
    asking = await aClient(server, metadata);
    trusted = await aClient(server, { ...metadata, skip_consent: true });
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([server.dispose(), app.close()]);
  });
  beforeEach(async () => {
    people += 1;
    who = await aPerson(server, `person${people}@example.org`);
    app.arrivals.length = 0;
    tab = await openTab(browser);
  });
  afterEach(async () => {
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });

  const fillIn = async (page: Page, { username, password } = who) => {
    await page.fill('[name=username]', username);
    await page.fill('[name=password]', password);
    await page.click('button.primary');
  };
  const answerOfItsOwn = (page: Page) =>
    page.route('**/callback', async (route) => {
      const request = route.request();
      const body = `<p id=got>${request.method()} ${request.postData()?.slice(0, 5)}`;
      await route.fulfill({ contentType: 'text/html', body });
    });
  const arrived = (page: Page, path = '/callback') => page.waitForURL(`**/end${path}`);

  it('really reaches its callback, though that redirects on to somewhere else', async () => {
    const attempt = asking.begin();
    await tab.page.goto(attempt.url.href);
    await fillIn(tab.page);
    await tab.page.click('button[value=allow]');
    await arrived(tab.page);
    expect(app.arrivals).toMatchObject([
      { path: '/callback', parameters: { code: expect.any(String), state: attempt.state } },
    ]);
  });

  it('tells it that the person refused', async () => {
    await tab.page.goto(asking.begin().url.href);
    await fillIn(tab.page);
    await tab.page.click('button[value=deny]');
    await arrived(tab.page);
    expect(app.arrivals).toMatchObject([{ parameters: { error: 'access_denied' } }]);
  });

  it('works without script, from the first page to the last', async () => {
    const plain = await openTab(browser, { javaScriptEnabled: false });
    await plain.page.goto(asking.begin().url.href);
    await fillIn(plain.page);
    await plain.page.click('button[value=allow]');
    await arrived(plain.page);
    await plain.close();
    expect(app.arrivals).toMatchObject([{ parameters: { code: expect.any(String) } }]);
  });

  it('posts the answer to it when it wants that', async () => {
    await tab.page.goto(trusted.begin().url.href);
    await fillIn(tab.page);
    await arrived(tab.page);
    // Over plain http the policy of the posting page names the callback's origin only, and this app redirects on.
    await answerOfItsOwn(tab.page);
    await tab.page.goto(trusted.begin({ response_mode: 'form_post' }).url.href);
    await tab.page.waitForSelector('#got');
    expect(await tab.page.textContent('#got')).toBe('POST code=');

    const plain = await openTab(browser, { javaScriptEnabled: false });
    await answerOfItsOwn(plain.page);
    await plain.page.goto(trusted.begin({ response_mode: 'form_post' }).url.href);
    await fillIn(plain.page);
    await plain.page.click('button');
    await plain.page.waitForSelector('#got');
    await plain.close();
  });

  it('works in a popup, which can still speak to the app that opened it', async () => {
    await tab.page.goto(app.popupPage(trusted.begin({ state: 'popup' }).url.href));
    const [popup] = await Promise.all([tab.page.waitForEvent('popup'), tab.page.click('button')]);
    await fillIn(popup);
    await tab.page.waitForFunction(() => document.querySelector('output')?.textContent === 'back in the app');
  });

  it('as another person ends the session of the first and reaches the callback', async () => {
    const other = await aPerson(server, `other${people}@example.org`);
    await tab.page.goto(trusted.begin().url.href);
    await fillIn(tab.page);
    await arrived(tab.page);
    await tab.page.goto(trusted.begin({ prompt: 'login' }).url.href);
    await fillIn(tab.page, other);
    await arrived(tab.page);
    expect(app.arrivals).toHaveLength(2);
  });

  it('is followed by a sign-out that leads back to the app, though that redirects on', async () => {
    const attempt = trusted.begin();
    await tab.page.goto(attempt.url.href);
    await fillIn(tab.page);
    await arrived(tab.page);
    const callback = new URL(`${app.callback}?${new URLSearchParams(app.arrivals[0]?.parameters)}`);
    const { body } = await trusted.redeem(attempt, { kind: 'elsewhere', url: callback });
    const logout = new URL(`${server.issuer}/oauth2/logout`);
    logout.search = new URLSearchParams({
      id_token_hint: body.id_token ?? '',
      post_logout_redirect_uri: app.afterSignOut,
      state: 'xyz',
    }).toString();
    await tab.page.goto(logout.href);
    await tab.page.click('button[name=logout]');
    await arrived(tab.page, '/bye');
    expect(app.arrivals[1]).toEqual({ path: '/bye', parameters: { state: 'xyz' } });
  });

  it('goes nowhere from another browser', async () => {
    await tab.page.goto(asking.begin().url.href);
    const other = await openTab(browser);
    const response = await other.page.goto(tab.page.url());
    expect(response?.status()).toBe(400);
    expect(await other.page.textContent('h1')).toBe('Please start again');
    await other.close();
  });

  it('is over for the Back button, which shows where to begin again', async () => {
    await tab.page.goto(trusted.begin().url.href);
    const signInPage = tab.page.url();
    await fillIn(tab.page);
    await arrived(tab.page);
    await tab.page.goto(signInPage);
    expect(await tab.page.textContent('h1')).toBe('Please start again');
    expect(app.arrivals).toHaveLength(1);
  });

  it('begins with a page of at most 30 kB in a few requests', async () => {
    const cdp = await tab.page.context().newCDPSession(tab.page);
    await cdp.send('Network.enable');
    let bytes = 0;
    let requests = 0;
    cdp.on('Network.requestWillBeSent', ({ redirectResponse }) => {
      requests += redirectResponse === undefined ? 1 : 0;
    });
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await tab.page.goto(asking.begin().url.href, { waitUntil: 'networkidle' });
    expect(requests).toBeLessThanOrEqual(3);
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThanOrEqual(30_000);
  });
});
