import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { addAccount, registerApp } from '../flows/protocol/app.ts';
import { openBrowser } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { openTab, seen, type Tab } from './tabs.ts';

describe.each([
  ['with script, on a phone', { viewport: { width: 360, height: 760 } }],
  ['without script, on a desk', { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false }],
] as const)('an operator who acts for somebody, %s', (name, options) => {
  let server: RunningGatehouse;
  let browser: Browser;
  let tab: Tab;
  let begin: string;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
    browser = await openBrowser();
    tab = await openTab(browser, options);
    const somebody = await addAccount(server, 'ada@example.org', { name: 'Ada Lovelace' });
    const scope = 'openid users:impersonate';
    const app = await registerApp(server, { skip_consent: true, scope });
    const operator = { username: server.bootstrap.email, password: server.bootstrap.password };
    const resource = `${server.issuer}/api/admin`;
    const { body } = await app.signIn(makePerson(server.issuer), operator, { scope, resource });
    const answer = await fetch(`${resource}/v1/users/${somebody.sub}/support-sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(body.access_token)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'The export of the report fails, ticket 4711', minutes: 5 }),
    });
    begin = (await answer.json()).url;
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  }, 60_000);

  const shoot = async (what: string) => {
    const folder = process.env.GATEHOUSE_TEST_SCREENSHOTS;
    const { page } = tab;
    if (folder !== undefined)
      await page.screenshot({ path: `${folder}/support ${what} ${name}.png`, fullPage: true });
    const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(width[0]).toBeLessThanOrEqual(width[1] ?? 0);
  };

  it('signs in as themselves, reads what they are about to do, and begins', async () => {
    const { page } = tab;
    await page.goto(begin);
    await page.fill('[name=username]', server.bootstrap.email);
    await page.fill('[name=password]', server.bootstrap.password);
    await page.press('[name=password]', 'Enter');
    await seen(page, 'Act for somebody');
    await seen(page, /Ada Lovelace/);
    await seen(page, /ticket 4711/);
    await shoot('begin');
    await page.click('button:has-text("Act for Ada Lovelace")');
    // Without script the end of the operator's own session takes a press of a button.
    if ('javaScriptEnabled' in options) await page.click('button[type=submit]');
    await page.waitForURL('**/account**');
  });

  it('is told on every page that they act for somebody, and cannot change what is theirs', async () => {
    const { page } = tab;
    if (!('javaScriptEnabled' in options)) {
      await page.goto(`${server.issuer}/account`);
      await page.waitForSelector('#acting:visible');
      await shoot('account');
    }
    await page.goto(`${server.issuer}/account/profile`);
    await seen(page, /You act for somebody else/);
    await shoot('profile');
    await page.goto(`${server.issuer}/account/security`);
    await seen(page, 'This is for the person alone');
    await shoot('refused');
  });

  it('ends it by the link in the banner', async () => {
    const { page } = tab;
    await page.goto(`${server.issuer}/account/sessions`);
    await seen(page, /an operator, for you/);
    await shoot('sessions');
    await page.click('text=End it');
    await page.click('button[value=yes], button[type=submit]');
    await page.goto(`${server.issuer}/account/profile`);
    await page.waitForSelector('[name=password]');
  });
});
