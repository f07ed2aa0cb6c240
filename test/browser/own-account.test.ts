import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { aPerson } from '../interactions/house.ts';
import { openBrowser, takePicture } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { pixels } from '../support/pictures.ts';
import { openTab, seen } from './tabs.ts';

describe.each([
  { width: 360, javaScriptEnabled: true },
  { width: 360, javaScriptEnabled: false },
  { width: 1280, javaScriptEnabled: true },
  { width: 1280, javaScriptEnabled: false },
])("one's own account, $width pixels wide, script: $javaScriptEnabled", ({ width, javaScriptEnabled }) => {
  let server: RunningGatehouse;
  let browser: Browser;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const show = async (page: Page, name: string) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth).catch(() => width);
    expect([name, wide <= width]).toEqual([name, true]);
    await takePicture(page, `own-account-${width}-${javaScriptEnabled ? 'script' : 'plain'}-${name}`);
  };

  it('is filled in, gets a picture and another address, takes that back, is taken along, and is left', async () => {
    const who = await aPerson(server, 'ada@example.org', { name: 'Ada', preferred_username: 'ada' });
    const tab = await openTab(browser, { javaScriptEnabled, viewport: { width, height: 800 } });
    const { page } = tab;
    const signIn = async (path: string, password = who.password) => {
      await page.goto(`${server.issuer}${path}`);
      await page.fill('[name=username]', who.username);
      await page.fill('[name=password]', password);
      await page.press('[name=password]', 'Enter');
      await page.waitForURL(`${server.issuer}${path}`);
    };
    await signIn('/account/profile');
    await page.fill('[name=name]', 'Ada Lovelace');
    await page.fill('[name=birthdate]', 'yesterday');
    await page.selectOption('[name=zoneinfo]', 'Europe/London');
    await page.click('button.primary');
    await seen(page, /some fields need another look/);
    await show(page, '1-refused');
    await page.fill('[name=birthdate]', '1815-12-10');
    await page.click('button.primary');
    await seen(page, 'Your profile is saved.');
    await show(page, '2-profile');

    await page.goto(`${server.issuer}/account/picture`);
    const buffer = await pixels(400, 300).png();
    await page.setInputFiles('#picture', { name: 'ada.png', mimeType: 'image/png', buffer });
    await page.click('button.primary');
    await seen(page, 'Your picture is saved.');
    await show(page, '3-picture');

    await page.goto(`${server.issuer}/account/email`);
    await page.fill('#email', 'lovelace@example.net');
    await page.click('button.primary');
    await seen(page, /Look into the mail of/);
    await show(page, '4-email');
    await page.goto(linkTo('/confirm-email', await mailTo(server.issuer, 'lovelace@example.net')).href);
    await show(page, '5-confirm');
    await page.click('button.primary');
    await seen(page, /is the address of your account now/);
    const undo = linkTo('/undo-email', await mailTo(server.issuer, who.username, 'has changed'));
    await page.goto(undo.href);
    await show(page, '6-undo');
    await page.click('button.primary');
    await seen(page, /Choose a new password now/);
    await page.click('a.button');
    const fresh = 'seven otters paint blue doors';
    await page.fill('[name=new_password]', fresh);
    await page.click('button.primary');
    await seen(page, 'Your password is set');

    await signIn('/account/data', fresh);
    await show(page, '7-data');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button[value=export]')]);
    expect(download.suggestedFilename()).toMatch(/^account-[\d-]+\.json$/);
    await page.fill('#confirmation', 'ada');
    await page.click('button[value=delete]');
    await seen(page, 'Your account is deleted');
    await show(page, '8-deleted');
    await tab.close();
  });
});
