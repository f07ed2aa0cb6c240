import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { aClient } from '../interactions/house.ts';
import { openBrowser, takePicture } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { type App, openApp } from './app.ts';
import { openTab, overhang, type Tab } from './tabs.ts';

const password = 'seven otters paint blue doors';

describe('signing up on the way to an app, in a browser', () => {
  let server: RunningGatehouse;
  let browser: Browser;
  let app: App;
  let client: Awaited<ReturnType<typeof aClient>>;
  let people = 0;

  beforeAll(async () => {
    [server, browser, app] = await Promise.all([
      startGatehouse({ database: 'postgres', env: { GATEHOUSE_SIGN_UP_USERNAME: 'true' } }),
      openBrowser(),
      openApp(),
    ]);
    client = await aClient(server, { redirect_uris: [app.callback], skip_consent: true });
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([server.dispose(), app.close()]);
  });

  const ways = [360, 1280].flatMap((width) =>
    [true, false].map((javaScriptEnabled) => ({ width, javaScriptEnabled })),
  );
  const open = ({ width, javaScriptEnabled }: (typeof ways)[number]): Promise<Tab> =>
    openTab(browser, { viewport: { width, height: 800 }, javaScriptEnabled });
  const arrived = (page: Page) => page.waitForURL('**/end/callback');
  const look = async (page: Page, name: string, way: (typeof ways)[number]) => {
    expect({ name, overhang: await overhang(page) }).toEqual({ name, overhang: 0 });
    const script = way.javaScriptEnabled ? 'script' : 'plain';
    await takePicture(page, `sign-up-${name}-${way.width}-${script}`);
  };
  const begin = async (page: Page, way: (typeof ways)[number]): Promise<string> => {
    people += 1;
    const email = `newcomer-${people}@example.org`;
    await page.goto(client.begin().url.href);
    await page.click('text=Create an account');
    await page.fill('[name=email]', email);
    await page.fill('[name=name]', 'A Newcomer');
    await page.fill('[name=password]', 'password1234567');
    await look(page, 'form', way);
    await page.click('button.primary');
    expect(await page.locator('#password').evaluate((field) => field === document.activeElement)).toBe(true);
    await look(page, 'refused', way);
    await page.fill('[name=password]', password);
    await page.click('button.primary');
    await page.waitForURL('**/sign-up/waiting*');
    await look(page, 'waiting', way);
    return email;
  };
  const linkFor = async (email: string) =>
    linkTo('/verify-email', await mailTo(server.issuer, email, 'Confirm')).href;

  it.each(ways)('leads back to the app from the mail in the same browser: %j', async (way) => {
    const tab = await open(way);
    app.arrivals.length = 0;
    const email = await begin(tab.page, way);
    await tab.page.goto(await linkFor(email));
    await look(tab.page, 'confirm', way);
    await tab.page.click('button.primary');
    await arrived(tab.page);
    expect(app.arrivals).toMatchObject([{ parameters: { code: expect.any(String) } }]);
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });

  it.each(ways)('goes on in the first browser after the mail was opened in another: %j', async (way) => {
    const [tab, phone] = [await open(way), await open(way)];
    app.arrivals.length = 0;
    const email = await begin(tab.page, way);
    await phone.page.goto(await linkFor(email));
    await phone.page.click('button.primary');
    await look(phone.page, 'done-elsewhere', way);
    expect(await phone.page.textContent('main')).toContain('Go back to the browser where you began');
    // With script the waiting page looks by itself; without, its button does.
    if (!way.javaScriptEnabled) await tab.page.click('button.primary');
    await arrived(tab.page);
    expect(app.arrivals).toMatchObject([{ parameters: { code: expect.any(String) } }]);
    await phone.page.goto(await linkFor(email));
    await look(phone.page, 'used', way);
    for (const one of [tab, phone]) {
      expect(one.complaints).toEqual([]);
      await one.close();
    }
  });

  it('does the work that a form asks for while many are sent, and without script waits', async () => {
    const busy = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_BOT_CHECK_ABOVE: '0' } });
    const way = { width: 360, javaScriptEnabled: true };
    const [tab, plain] = [await open(way), await open({ ...way, javaScriptEnabled: false })];
    for (const { page } of [tab, plain]) {
      await page.goto(`${busy.issuer}/sign-up`);
      await page.fill('[name=email]', 'busy@example.org');
      await page.fill('[name=password]', password);
      await page.click('button.primary');
    }
    await tab.page.waitForURL('**/sign-up/waiting*');
    expect(await plain.page.textContent('main')).toContain('came too early');
    await look(plain.page, 'too-early', { ...way, javaScriptEnabled: false });
    expect([...tab.complaints, ...plain.complaints]).toEqual([]);
    await Promise.all([tab.close(), plain.close(), busy.dispose()]);
  });

  it('asks for the same work where a password was forgotten', async () => {
    const busy = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_BOT_CHECK_ABOVE: '0' } });
    const way = { width: 360, javaScriptEnabled: true };
    const [tab, plain] = [await open(way), await open({ ...way, javaScriptEnabled: false })];
    for (const { page } of [tab, plain]) {
      await page.goto(`${busy.issuer}/forgot-password`);
      await page.fill('[name=email]', 'busy@example.org');
      await page.click('button.primary');
    }
    await tab.page.waitForSelector('text=Look into your mail');
    expect(await plain.page.textContent('main')).toContain('came too early');
    expect(await plain.page.inputValue('[name=email]')).toBe('busy@example.org');
    await look(plain.page, 'forgot-too-early', { ...way, javaScriptEnabled: false });
    expect([...tab.complaints, ...plain.complaints]).toEqual([]);
    await Promise.all([tab.close(), plain.close(), busy.dispose()]);
  });

  it.each([360, 1280])('shows in %i px how somebody who is invited makes an account', async (width) => {
    const way = { width, javaScriptEnabled: true };
    const tab = await open(way);
    const email = `guest-${width}@example.org`;
    await server.admin('POST', 'invitations', { email });
    await tab.page.goto(linkTo('/invitation', await mailTo(server.issuer, email)).href);
    await look(tab.page, 'invitation', way);
    await tab.page.fill('[name=password]', password);
    await tab.page.click('button.primary');
    await look(tab.page, 'invitation-done', way);
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });
});
