import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumProgram, requirements } from './requirements.ts';

const isRoot = process.getuid?.() === 0;
/** Where pictures of pages go; not under version control. */
export const pictureFolder = fileURLToPath(new URL('../../test-output/', import.meta.url));

/** The system's Chromium without a window. It asks nobody on the internet for anything; it ends with its opener. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumProgram();
  if (executablePath === undefined) {
    throw new Error(
      `Chromium is missing. ${requirements.find(({ name }) => name === 'Chromium')?.elsewhere}`,
    );
  }
  return chromium.launch({
    executablePath,
    headless: true,
    // The sandbox needs rights that only an unprivileged user is given by the kernel.
    chromiumSandbox: !isRoot,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-default-apps',
      '--disable-domain-reliability',
      // Nothing but this machine can be reached, so a page that wants more is seen at once.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
    ],
  });
}

/** Saves a picture of the whole page as test-output/<name>.png and returns its path. */
export async function takePicture(page: Page, name: string): Promise<string> {
  await mkdir(pictureFolder, { recursive: true });
  const path = join(pictureFolder, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
