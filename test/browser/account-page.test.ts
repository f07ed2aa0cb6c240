import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { aPerson } from '../interactions/house.ts';
import { openBrowser } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { openTab, seen, type Tab } from './tabs.ts';

describe.each(['', '/auth'])('the account page of a server at "%s"', (issuerPath) => {
  let server: RunningGatehouse;
  let browser: Browser;
  let ada: { username: string; password: string };
  let tab: Tab;

  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres', issuerPath });
    browser = await openBrowser();
    ada = await aPerson(server, 'ada@example.org', { name: 'Ada Lovelace', email_verified: true });
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });
  beforeEach(async () => {
    tab = await openTab(browser);
  });
  afterEach(async () => {
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });

  const signIn = async (who = ada) => {
    const { page } = tab;
    await page.goto(`${server.issuer}/account`);
    await page.fill('[name=username]', who.username);
    await page.fill('[name=password]', who.password);
    await page.press('[name=password]', 'Enter');
  };

  it('sends a newcomer to sign in and then shows who they are and since when', async () => {
    await signIn();
    const { page } = tab;
    await page.waitForSelector('#person', { state: 'visible' });
    expect(page.url()).toBe(`${server.issuer}/account`);
    for (const words of ['Ada Lovelace', 'ada@example.org', 'confirmed', 'with your password']) {
      await seen(page, words);
    }
    const since = Date.parse((await page.getAttribute('time', 'datetime')) ?? '');
    expect(Math.abs(Date.now() - since)).toBeLessThan(60_000);
  });

  it('stays signed in over a reload, and keeps no token anywhere', async () => {
    await signIn();
    const { page } = tab;
    await page.waitForSelector('#person', { state: 'visible' });
    await page.reload();
    await page.waitForSelector('#person', { state: 'visible' });
    const stored = await page.evaluate(() => [
      ...Object.entries(sessionStorage),
      ...Object.entries(localStorage),
      document.cookie,
    ]);
    expect(stored).toEqual(['']);
  });

  it('keeps the name after a wrong password and puts the cursor where the password goes', async () => {
    await signIn({ ...ada, password: 'wrong' });
    const { page } = tab;
    await page.waitForSelector('[role=alert] p');
    await seen(page, 'Wrong user name or password.');
    expect(await page.inputValue('[name=username]')).toBe(ada.username);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password');
  });

  it('signs out, and asks for the password again after that', async () => {
    await signIn();
    const { page } = tab;
    await page.click('#sign-out');
    await page.click('button[name=logout]');
    await page.waitForURL(`${server.issuer}/account/signed-out`);
    expect(await page.textContent('h1')).toBe('You are signed out');
    await page.click('main a');
    await page.waitForSelector('[name=password]');
  });

  it('stays when the person does not want to sign out after all', async () => {
    await signIn();
    const { page } = tab;
    await page.click('#sign-out');
    await page.click('text=Stay signed in');
    await page.waitForSelector('#person', { state: 'visible' });
  });

  it('says in plain words that the person has cancelled, and begins again', async () => {
    const { page } = tab;
    await page.goto(`${server.issuer}/account`);
    await page.click('form.aside button');
    await page.waitForSelector('#failed', { state: 'visible' });
    await seen(page, 'You cancelled the sign-in. Nothing was changed.');
    await page.click('#retry');
    await page.waitForSelector('[name=password]');
  });

  it('takes no answer that this tab has not asked for', async () => {
    const { page } = tab;
    for (const answer of ['code=stolen&state=x', 'error=%3Cscript%3Ealert(1)%3C/script%3E&state=x']) {
      await page.goto(`${server.issuer}/account?${answer}`);
      await page.waitForSelector('#failed', { state: 'visible' });
      await seen(page, /was not begun in this tab/);
      expect(page.url()).toBe(`${server.issuer}/account`);
    }
  });

  it('says that the server cannot be reached', async () => {
    const { page } = tab;
    await page.route('**/.well-known/openid-configuration', (route) => route.abort());
    await page.goto(`${server.issuer}/account`);
    await page.waitForSelector('#failed', { state: 'visible' });
    await seen(page, /could not be reached/);
  });

  it('without script says so and offers to sign out', async () => {
    const plain = await openTab(browser, { javaScriptEnabled: false });
    await plain.page.goto(`${server.issuer}/account`);
    await seen(plain.page, /needs JavaScript/);
    await plain.page.click('noscript a.button');
    // Nobody is signed in here, so the engine's page goes on by itself where there is script.
    await plain.page.click('button');
    await plain.page.waitForURL('**/oauth2/logout/success');
    await plain.close();
  });
});
