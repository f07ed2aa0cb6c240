import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { aClient, aPerson } from '../interactions/house.ts';
import { openBrowser } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { openTab, seen, type Tab } from './tabs.ts';

describe.each([
  ['with script, on a phone', { viewport: { width: 360, height: 760 } }],
  ['without script, on a phone', { viewport: { width: 360, height: 760 }, javaScriptEnabled: false }],
  ['with script, on a desk', { viewport: { width: 1280, height: 900 } }],
  ['without script, on a desk', { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false }],
] as const)('somebody with two browsers, %s', (name, options) => {
  let server: RunningGatehouse;
  let browser: Browser;
  let ada: { username: string; password: string };
  let here: Tab;
  let there: Tab;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
    browser = await openBrowser();
    ada = await aPerson(server, 'ada@example.org', { name: 'Ada Lovelace', email_verified: true });
    here = await openTab(browser, options);
    there = await openTab(browser, {
      ...options,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
    });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  }, 60_000);

  const signIn = async ({ page }: Tab, path: string) => {
    await page.goto(`${server.issuer}${path}`);
    await page.fill('[name=username]', ada.username);
    await page.fill('[name=password]', ada.password);
    await page.press('[name=password]', 'Enter');
    await page.waitForURL(`**${path}`);
  };
  const shoot = async ({ page }: Tab, what: string) => {
    const folder = process.env.GATEHOUSE_TEST_SCREENSHOTS;
    if (folder !== undefined)
      await page.screenshot({ path: `${folder}/${what} ${name}.png`, fullPage: true });
    const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(width[0]).toBeLessThanOrEqual(width[1] ?? 0);
  };

  it('ends the session of the other one, which has to sign in again', async () => {
    await signIn(there, '/account/profile');
    await signIn(here, '/account/sessions');
    await seen(here.page, 'Firefox on Linux');
    await seen(here.page, 'this browser');
    await shoot(here, 'sessions');
    await here.page.click('text=End this session');
    await seen(here.page, /The session has ended/);
    await seen(here.page, 'You are signed in nowhere else.');
    await there.page.reload();
    await there.page.waitForSelector('[name=password]');
  });

  it('takes back what an app may do', async () => {
    // Any page that needs no sign-in does for the app.
    const back = `${server.issuer}/account/signed-out`;
    const shop = await aClient(server, { client_name: 'The Shop', redirect_uris: [back] });
    const { page } = here;
    await page.goto(shop.begin().url.href);
    await page.click('button[value=allow]');
    await page.waitForURL('**/account/signed-out?**');
    await page.goto(`${server.issuer}/account/apps`);
    await seen(page, 'The Shop');
    await seen(page, 'See your e-mail address');
    await shoot(here, 'apps');
    await page.click('button:has-text("Take it back")');
    await seen(page, /What the app held is worth nothing/);
    await seen(page, 'No app has anything of yours.');
    await page.click('a:has-text("Activity")');
    await seen(page, /Took back what an app may do/);
    await shoot(here, 'activity');
  });

  it('finds the way from the overview to every page, and back', async () => {
    const { page } = here;
    await page.goto(`${server.issuer}/account`);
    // With script the page first goes to sign in and comes back.
    await page.waitForSelector('a:visible:has-text("Sessions")');
    await shoot(here, 'overview');
    await page.click('a:visible:has-text("Sessions")');
    await seen(page, 'this browser');
    expect(await page.getAttribute('a[aria-current=page]', 'href')).toBe('/account/sessions');
    expect(here.complaints).toEqual([]);
    await page.click('text=End all, this one too');
    await page.waitForURL('**/account/signed-out');
  });
});
