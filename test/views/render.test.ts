import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { PageContext } from '../../server/http/context.ts';
import { makeRender } from '../../server/http/render.ts';
import type { ViewModels, ViewName } from '../../server/http/view-models.ts';
import { openHost } from '../server/http/host.ts';
import type { HttpResponse } from '../support/http.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { modelsWith } from './models.ts';

const viewsDir = fileURLToPath(new URL('../../views', import.meta.url));
const keptCode = (await makeTempDir('kept')).path;
const options = { viewsDir, keptCode, basePath: '/auth', serviceName: 'Gatehouse', assetVersion: 'v1' };
const render = await makeRender(options);

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus='alert(1)' autofocus='",
  '</title></textarea></noscript><svg onload=alert(1)>',
  '{{7*7}} #{7*7} <%= 7*7 %>',
  '&lt;script&gt;',
  '\u202etxet desrever\u202c',
  'javascript:alert(1)',
  'line\u2028separator\nand "quotes" `ticks`',
];

/** Names of elements and of their attributes, in order: what a browser would build, whatever the texts are. */
function skeleton(html: string): string[] {
  return [...html.matchAll(/<(\/?[a-z][\w-]*)((?:\s+[\w-]+(?:="[^"<>]*")?)*)\s*\/?>/gi)].map(
    ([, name, attributes = '']) =>
      [name, ...[...attributes.matchAll(/([\w-]+)(?:="[^"]*")?/g)].map(([, attribute]) => attribute)].join(
        ' ',
      ),
  );
}

/** Renders on a real host, because the answer's headers matter too. */
async function show<Name extends ViewName>(name: Name, model: ViewModels[Name]) {
  const host = await openHost((ctx: PageContext) => render(ctx, name, model, 202));
  const response = await host.send('/');
  await host.close();
  return response;
}

function showAll<Name extends ViewName>(name: Name, text: string): Promise<HttpResponse[]> {
  const models: ViewModels[Name][] = modelsWith(text)[name];
  return Promise.all(models.map((model) => show(name, model)));
}

const views = Object.keys(modelsWith('A')) as ViewName[];

describe.each(views)('the view %s', (name) => {
  const pages = async (text: string): Promise<string[]> =>
    (await showAll(name, text)).map((response) => response.text);

  it('is a whole page in its language, never kept by anybody', async () => {
    const [response] = await showAll(name, 'A');
    expect(response).toMatchObject({ status: 202 });
    const { headers, text } = response ?? { headers: {}, text: '' };
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(text).toMatch(/^<!DOCTYPE html><html lang="en" dir="ltr">/);
    expect(text.match(/<h1\b/g)?.length).toBeGreaterThan(0);
    expect(text.match(/<main\b/g)).toHaveLength(1);
    expect(text).toMatch(/<title>[^<]+ · Gatehouse<\/title>/);
  });

  it.each(hostile)('is the same page with %j in all its texts', async (text) => {
    const expected = (await pages('A')).map(skeleton);
    const seen = (await pages(text)).map(skeleton);
    expect(seen).toEqual(expected);
  });

  it('has no inline script, style or handler, and loads nothing from elsewhere but a logo', async () => {
    for (const page of await pages('A')) {
      expect(page).not.toMatch(
        /<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc="\/auth\/assets\/)/i,
      );
      const loaded = [...page.matchAll(/<(?:img|script|link|iframe)\b[^>]*\s(?:src|href)="([^"]*)"/g)];
      for (const [, source = ''] of loaded) {
        expect(source).toMatch(/^\/auth\/assets\/v1\/|^https:\/\/app\.example\/logo\.png$/);
      }
    }
  });

  it('points to our own pages below the path of the issuer', async () => {
    const [page = ''] = await pages('A');
    expect(page).toContain('href="/auth/assets/v1/style.css"');
  });
});

describe('the templates', () => {
  it('fail the start when one is broken', async () => {
    await expect(makeRender({ ...options, viewsDir: '/nowhere' })).rejects.toThrow('/nowhere');
  });
});
