import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { addAccount, registerApp } from '../flows/protocol/app.ts';
import { openBrowser, takePicture } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { type App, openApp } from './app.ts';
import { openTab, overhang } from './tabs.ts';

const fresh = 'seven otters paint blue doors';

describe('a new password in a browser', () => {
  let browser: Browser;
  let server: RunningGatehouse;
  let app: App;
  beforeAll(async () => {
    [browser, server, app] = await Promise.all([openBrowser(), startGatehouse(), openApp()]);
  });
  afterAll(() => Promise.all([browser.close(), server.dispose(), app.close()]));

  it.each([
    [360, true],
    [360, false],
    [1280, true],
    [1280, false],
  ])(
    'at %i px, with script %s: forgotten, mailed, set, signed in, back in the app; then changed',
    async (width, script) => {
      const name = `${width}-${script ? 'script' : 'plain'}`;
      const who = await addAccount(server, `browser-${name}@example.org`);
      const { begin } = await registerApp(server, {
        client_name: 'Photo Album',
        redirect_uris: [app.callback],
        skip_consent: true,
      });
      const tab = await openTab(browser, { viewport: { width, height: 800 }, javaScriptEnabled: script });
      const { page } = tab;
      const look = async (what: string): Promise<void> => {
        expect({ what, overhang: await overhang(page) }).toEqual({ what, overhang: 0 });
        await takePicture(page, `password-${what}-${name}`);
      };

      await page.goto(begin().url.href);
      await look('sign-in');
      await page.click('text=Forgot your password?');
      await look('forgot');
      await page.fill('#email', who.username);
      await page.click('text=Send the link');
      await look('sent');
      const mail = await mailTo(server.issuer, who.username, 'Set a new');
      await page.goto(linkTo('/reset-password', mail).href);
      await page.fill('#new_password', 'password1234567');
      const strength = page.locator('.strength');
      if (script) {
        await strength.locator('text=guess').waitFor();
        expect(await strength.innerText()).toContain('Easy to guess');
      } else expect(await strength.isVisible()).toBe(false);
      await look('weak');
      await page.click('text=Set the password');
      expect(await page.locator('#fault').innerText()).toContain('common password');
      await look('refused');
      await page.fill('#new_password', fresh);
      if (script) await strength.locator('text=Very hard to guess').waitFor();
      await look('strong');
      await page.click('text=Set the password');
      await page.locator('text=Your password is set').waitFor();
      await look('set');
      await page.click('text=Go on to Photo Album');
      await page.fill('#username', who.username);
      await page.fill('#password', fresh);
      await page.click('button:has-text("Sign in")');
      await page.locator('text=Welcome').waitFor();
      expect(app.arrivals.at(-1)?.parameters).toHaveProperty('code');

      await page.goto(`${server.issuer}/account/security`);
      await look('change');
      // Nothing hinders who pastes, and password managers are told which field is which.
      const kinds = await page
        .locator('input[autocomplete]')
        .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('autocomplete')));
      expect(kinds).toEqual(['username', 'current-password', 'new-password']);
      await page.fill('#password', fresh);
      await page.fill('#new_password', 'nine herons read slow maps');
      await page.click('text=Change the password');
      await page.locator('text=Your password is changed').waitFor();
      await look('changed');
      const { html } = await mailTo(server.issuer, who.username, 'was changed', 2);
      await page.goto('about:blank');
      await page.setContent(html);
      await look('mail');
      expect(tab.complaints).toEqual([]);
      await tab.close();
    },
  );
});
