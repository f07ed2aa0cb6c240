import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { addAccount, registerApp } from '../flows/protocol/app.ts';
import { openBrowser, takePicture } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { openTab, overhang } from './tabs.ts';

const definitions = [
  {
    name: 'employee_number',
    display_name: { default: 'Employee number' },
    type: 'text',
    validation: { mask: 'EMP-9999' },
    person_access: 'write',
    required_at_sign_up: true,
    claim: { name: 'employee_number', scope: 'work' },
  },
  {
    name: 'team',
    display_name: { default: 'Team' },
    type: 'choice',
    validation: {
      values: ['Red', 'Blue', 'A team whose name is quite a bit longer than those of the others'],
    },
    person_access: 'write',
    required_at_sign_up: true,
    claim: { name: 'team', scope: 'work' },
  },
  { name: 'lamp', display_name: { default: 'Has a lamp' }, type: 'boolean', person_access: 'write' },
  { name: 'skills', display_name: { default: 'Skills' }, type: 'list', person_access: 'write' },
  { name: 'here_since', display_name: { default: 'Here since' }, type: 'date' },
  {
    name: 'desk_height',
    display_name: { default: 'Height of the desk in cm' },
    type: 'number',
    person_access: 'write',
  },
];

describe('what an operator wants to know of people, in a browser', () => {
  let server: RunningGatehouse;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startGatehouse({ database: 'postgres' }), openBrowser()]);
    for (const definition of definitions) {
      const { status } = await server.admin('POST', 'user-attributes', definition);
      expect(status).toBe(201);
    }
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const ways = [360, 1280].flatMap((width) =>
    [true, false].map((javaScriptEnabled) => ({ width, javaScriptEnabled })),
  );
  type Way = (typeof ways)[number];
  const open = ({ width, javaScriptEnabled }: Way) =>
    openTab(browser, { viewport: { width, height: 800 }, javaScriptEnabled });
  const look = async (page: Page, name: string, way: Way) => {
    expect({ name, overhang: await overhang(page) }).toEqual({ name, overhang: 0 });
    await takePicture(page, `attributes-${name}-${way.width}-${way.javaScriptEnabled ? 'script' : 'plain'}`);
  };

  it.each(ways)(
    'is seen and changed on the profile page, and shown before an app gets it: %j',
    async (way) => {
      const who = await addAccount(server, `reader-${way.width}-${way.javaScriptEnabled}@example.org`, {
        attributes: { here_since: '2020-02-29', employee_number: 'EMP-0001', lamp: true },
      });
      const app = await registerApp(server, {
        redirect_uris: [`${server.issuer}/callback`],
        scope: 'openid profile work',
      });
      const tab = await open(way);
      const { page } = tab;
      await page.goto(`${server.issuer}/account/profile`);
      await page.fill('[name=username]', who.username);
      await page.fill('[name=password]', who.password);
      await page.click('button.primary');
      await page.waitForSelector('[name="attributes.team"]');
      expect(await page.inputValue('[name="attributes.employee_number"]')).toBe('EMP-0001');
      await page.fill('[name="attributes.employee_number"]', '1');
      await page.selectOption('[name="attributes.team"]', 'Blue');
      await page.selectOption('[name="attributes.lamp"]', 'false');
      await page.fill('[name="attributes.skills"]', 'Reading\nWriting');
      await page.fill('[name="attributes.desk_height"]', '72,5');
      await page.click('button.primary');
      expect(await page.textContent('main')).toContain('Write it in the form EMP-9999');
      expect(await page.textContent('main')).toContain('2020-02-29');
      await look(page, 'refused', way);
      await page.fill('[name="attributes.employee_number"]', 'EMP-0002');
      await page.click('button.primary');
      await page.waitForSelector('text=Your profile is saved.');
      await look(page, 'saved', way);
      const { body } = await server.admin('GET', `users/${who.sub}`);
      expect(body.attributes).toEqual({
        employee_number: 'EMP-0002',
        team: 'Blue',
        lamp: false,
        skills: ['Reading', 'Writing'],
        here_since: '2020-02-29',
        desk_height: 72.5,
      });
      await page.goto(app.begin({ scope: 'openid profile work' }).url.href);
      await page.waitForSelector('text=See these details of you');
      await look(page, 'consent', way);
      expect(tab.complaints).toEqual([]);
      await tab.close();
    },
  );

  it.each(ways)('is asked for where people make an account: %j', async (way) => {
    const tab = await open(way);
    const { page } = tab;
    await page.goto(`${server.issuer}/sign-up`);
    await page.fill('[name=email]', `asked-${way.width}-${way.javaScriptEnabled}@example.org`);
    await page.fill('[name=password]', 'seven otters paint blue doors');
    await page.fill('[name="attributes.employee_number"]', 'EMP-12');
    await page.selectOption('[name="attributes.team"]', 'Red');
    await page.click('button.primary');
    await page.waitForSelector('text=Write it in the form EMP-9999');
    await look(page, 'sign-up', way);
    expect(await page.inputValue('[name="attributes.team"]')).toBe('Red');
    await page.fill('[name="attributes.employee_number"]', 'EMP-0012');
    await page.fill('[name=password]', 'seven otters paint blue doors');
    await page.click('button.primary');
    await page.waitForURL('**/sign-up/waiting*');
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });
});
