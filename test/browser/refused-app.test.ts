import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { registerApp } from '../flows/protocol/app.ts';
import { openBrowser, takePicture } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { waitFor } from '../support/wait-for.ts';
import { openTab, overhang } from './tabs.ts';

describe('an app that is refused, in a browser', () => {
  let browser: Browser;
  let server: RunningGatehouse;
  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), startGatehouse()]);
  });
  afterAll(() => Promise.all([browser.close(), server.dispose()]));

  it.each([360, 1280])('at %i px: the page has an id, by which the operator finds why', async (width) => {
    const redirectUri = `https://app.example/callback-${width}`;
    const { begin, registration } = await registerApp(server, { redirect_uris: [redirectUri] });
    const { page } = await openTab(browser, { viewport: { width, height: 800 } });
    await page.goto(begin({ redirect_uri: redirectUri.replace('https', 'http') }).url.href);
    await takePicture(page, `refused-app-${width}`);
    expect(await overhang(page)).toBe(0);
    const errorId = (await page.textContent('#error-id')) ?? '';
    const shown = (await page.textContent('body')) ?? '';
    // The cause is for operators.
    expect(shown).not.toContain(redirectUri);

    const found = await waitFor('the operator finds it', async () => {
      const { body } = await server.admin('GET', `client-errors?error_id=${errorId}`);
      return body.items?.[0];
    });
    expect(found).toMatchObject({
      client_id: registration.clientId,
      code: 'redirect_uri_unregistered',
      difference: { kinds: ['scheme'], sent: [[4, 4]], registered: [[4, 5]] },
    });
    expect(server.output()).toContain(errorId);
  });
});
