import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mount from 'koa-mount';
import { AppError } from '../../../server/errors.ts';
import { loadStaticFiles, type StaticFiles } from '../../../server/http/static-files.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { type Host, openHost } from './host.ts';

const style = `body { color: black; }\n${'/* long */\n'.repeat(200)}`;

describe('static files', () => {
  let files: StaticFiles;
  let host: Host;
  let folder: string;

  beforeAll(async () => {
    folder = (await makeTempDir('static')).path;
    await mkdir(join(folder, 'public/account'), { recursive: true });
    await writeFile(join(folder, 'secret.js'), 'secret');
    await writeFile(join(folder, 'library.js'), 'export const vendored = true;');
    await writeFile(join(folder, 'public/style.css'), style);
    await writeFile(join(folder, 'public/notes.txt'), 'not for the web');
    await writeFile(join(folder, 'public/account/main.js'), 'export {};');
    files = await loadStaticFiles(join(folder, 'public'), {
      'vendor/library.js': join(folder, 'library.js'),
    });
    const serve = mount('/assets', files.serve);
    host = await openHost(async (ctx, next) => {
      try {
        await serve(ctx, next);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        ctx.status = error.status;
        ctx.body = error.code;
      }
    });
  });
  afterAll(() => host.close());

  const get = (name: string, headers: Record<string, string> = {}) =>
    host.send(`/assets/${name}`, { headers });

  it('may be kept for ever under the version of their content', async () => {
    const { status, headers, text } = await get(`${files.version}/style.css`);
    expect({ status, text }).toEqual({ status: 200, text: style });
    expect(headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  it('must be asked for again without the version, or under one that is not ours', async () => {
    for (const name of ['style.css', 'otherVersion/style.css']) {
      const { status, headers } = await get(name);
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('no-cache');
      const again = await get(name, { 'if-none-match': String(headers.etag) });
      expect(again).toMatchObject({ status: 304, text: '' });
    }
  });

  it('keep their names in folders, and those of packages', async () => {
    expect((await get(`${files.version}/account/main.js`)).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    );
    expect((await get(`${files.version}/vendor/library.js`)).text).toContain('vendored');
  });

  it.each([
    ['br', (body: Buffer) => brotliDecompressSync(body)],
    ['gzip', (body: Buffer) => gunzipSync(body)],
  ])('come compressed by %s to who understands it', async (coding, decompress) => {
    const response = await fetch(`${host.url}/assets/style.css`, { headers: { 'accept-encoding': coding } });
    expect(response.headers.get('content-encoding')).toBe(coding);
    expect(response.headers.get('vary')).toBe('Accept-Encoding');
    expect(await response.text()).toBe(style);
    expect(decompress).toBeDefined();
  });

  it('come as they are to others, and when compression would save nothing', async () => {
    expect(
      (await get('style.css', { 'accept-encoding': 'identity' })).headers['content-encoding'],
    ).toBeUndefined();
    expect(
      (await get('account/main.js', { 'accept-encoding': 'br' })).headers['content-encoding'],
    ).toBeUndefined();
  });

  it('change their version with their content', async () => {
    await writeFile(join(folder, 'public/account/main.js'), 'export const changed = true;');
    expect((await loadStaticFiles(join(folder, 'public'))).version).not.toBe(files.version);
  });

  it.each([
    '../secret.js',
    '%2e%2e/secret.js',
    '..%2fsecret.js',
    'account/../../secret.js',
    '/etc/passwd',
    'account',
    'account/',
    'notes.txt',
    '__proto__',
    'constructor',
    '',
  ])('are nothing else than what was read: %s', async (name) => {
    expect((await get(name)).status).toBe(404);
  });

  it.each(['POST', 'PUT', 'DELETE'])('take no %s', async (method) => {
    const { status, headers } = await host.send('/assets/style.css', { method });
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD' });
  });

  it('answer HEAD without a body', async () => {
    const { status, text, headers } = await host.send('/assets/style.css', { method: 'HEAD' });
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(headers['content-length']).toBeDefined();
  });
});
