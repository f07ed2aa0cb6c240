import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { openBrowser, takePicture } from '../support/browser.ts';

describe('the browser of the tests', () => {
  it('shows a page and takes a picture of it', async () => {
    const browser = await openBrowser();
    const page = await browser.newPage();
    await page.setContent('<title>Hello</title><p>Is there anybody?');
    expect(await page.evaluate(() => document.querySelector('p')?.textContent)).toBe('Is there anybody?');
    expect((await readFile(await takePicture(page, 'browser'))).subarray(1, 4).toString()).toBe('PNG');
    await browser.close();
  });
});
