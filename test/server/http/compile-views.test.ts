import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { compileViews } from '../../../server/http/compile-views.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

async function makeFolders() {
  const views = (await makeTempDir('views')).path;
  const kept = join((await makeTempDir('kept')).path, 'made/at/first/start');
  await writeFile(join(views, 'part.pug'), 'mixin name()\n  b= self.name\n');
  await writeFile(join(views, 'page.pug'), 'include part.pug\np Hello #[+name()]\n');
  const page = async (): Promise<string | undefined> =>
    (await compileViews(views, ['page'], kept)).get('page')?.({ name: '<you>' });
  return { views, kept, page };
}

test('a template that is kept gives the same page as one that was just compiled', async () => {
  const { kept, page } = await makeFolders();
  expect(await page()).toBe('<p>Hello <b>&lt;you&gt;</b></p>');
  expect(await readdir(kept)).toEqual([expect.stringMatching(/^views-[0-9a-f]{64}\.json$/)]);
  expect(await page()).toBe('<p>Hello <b>&lt;you&gt;</b></p>');
});

test('what is kept is really used, and no longer after a file that is only included has changed', async () => {
  const { views, kept, page } = await makeFolders();
  await page();
  await writeFile(join(views, 'part.pug'), 'mixin name()\n  i= self.name\n');
  expect(await page()).toBe('<p>Hello <i>&lt;you&gt;</i></p>');
  expect(await readdir(kept)).toHaveLength(1);
});

test.each([
  ['cut', (text: string) => text.slice(0, -20)],
  ['emptied', () => ''],
  ['changed', (text: string) => text.replace('Hello', 'Adieu')],
])('kept templates whose file was %s are compiled anew', async (_how, damage) => {
  const { kept, page } = await makeFolders();
  await page();
  const [name = ''] = await readdir(kept);
  const file = join(kept, name);
  await writeFile(file, damage(await readFile(file, 'utf8')));
  expect(await page()).toBe('<p>Hello <b>&lt;you&gt;</b></p>');
});

test('where nothing can be kept, templates are compiled at each start', async () => {
  const { views } = await makeFolders();
  const blocked = join(views, 'page.pug/below-a-file');
  const templates = await compileViews(views, ['page'], blocked);
  expect(templates.get('page')?.({ name: 'you' })).toBe('<p>Hello <b>you</b></p>');
});

test('a broken template fails with its file and line, and leaves nothing behind', async () => {
  const { views, kept } = await makeFolders();
  await writeFile(join(views, 'page.pug'), 'p Hello\n  +no-such-mixin(\n');
  await expect(compileViews(views, ['page'], kept)).rejects.toThrow(/page\.pug:3/);
  await expect(readdir(kept)).rejects.toThrow('ENOENT');
});
