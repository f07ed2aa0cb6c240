import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '../../../server/errors.ts';
import { makeErrorPage } from '../../../server/http/error-page.ts';
import { makeRender } from '../../../server/http/render.ts';
import type { Log, LogFields } from '../../../server/log.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { type Host, openHost } from './host.ts';

const viewsDir = fileURLToPath(new URL('../../../views', import.meta.url));
const secrets = /relation "account"|select \*|at Object|error-page|node_modules|hunter2/;

interface Entry {
  level: string;
  message: string;
  fields: LogFields;
}

describe('the error page', () => {
  let host: Host;
  let entries: Entry[];

  const note =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      entries.push({ level, message, fields });
    };
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const failures: Record<string, () => unknown> = {
    '/auth/sql': () => new Error('select * from account failed: relation "account" does not exist; hunter2'),
    '/auth/detail': () => new AppError('forbidden', { detail: 'hunter2' }),
    '/auth/stale': () => new AppError('csrf_rejected'),
    '/auth/busy': () => new AppError('overloaded', { retryAfter: 7 }),
    '/auth/down': () => new AppError('unavailable', { cause: new Error('ECONNREFUSED hunter2') }),
    '/auth/large': () => Object.assign(new Error('hunter2'), { status: 413, expose: true }),
    '/auth/api/admin/v1/clients': () => new Error('hunter2'),
    '/auth/text': () => 'a thrown text, hunter2',
  };

  beforeAll(async () => {
    const render = await makeRender({
      viewsDir,
      keptCode: (await makeTempDir('kept')).path,
      basePath: '/auth',
      serviceName: 'Gatehouse',
      assetVersion: 'v',
    });
    let made = 0;
    host = await openHost(
      makeErrorPage({
        issuer: 'https://id.example.org/auth',
        render,
        log,
        errorIdOf: () => {
          made += 1;
          return `id-${made}`;
        },
        sendProblem: (ctx, error, errorId) => {
          ctx.status = error.status;
          ctx.body = { code: error.code, errorId };
        },
      }),
      (ctx) => {
        if (ctx.path === '/auth/fine') ctx.body = 'fine';
        if (ctx.path === '/auth/post-only') {
          ctx.status = 405;
          ctx.set('Allow', 'POST');
        }
        const fail = failures[ctx.path];
        if (fail !== undefined) throw fail();
      },
    );
  });
  beforeEach(() => {
    entries = [];
  });
  afterAll(() => host.close());

  const get = (path: string, headers: Record<string, string> = { accept: 'text/html' }) =>
    host.send(path, { headers });

  it('stays out of the way when nothing is wrong', async () => {
    await expect(get('/auth/fine')).resolves.toMatchObject({ status: 200, text: 'fine' });
    expect(entries).toEqual([]);
  });

  it('tells what happened, whether anything was lost, a way on, and an id that stands in the log', async () => {
    const { status, text, headers } = await get('/auth/sql');
    expect(status).toBe(500);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(text).toContain('Something went wrong on our side');
    expect(text).toContain('may not have been saved');
    expect(text).toContain('href="/auth/account"');
    const id = /<code id="error-id">([^<]+)</.exec(text)?.[1];
    expect(entries).toMatchObject([
      { level: 'error', fields: { errorId: id, error: 'internal', cause: expect.any(Error) } },
    ]);
  });

  it.each(Object.keys(failures))('shows nothing private on %s', async (path) => {
    for (const accept of ['text/html', 'application/json']) {
      const { text, headers } = await get(path, { accept });
      expect(text).not.toMatch(secrets);
      expect(JSON.stringify(headers)).not.toMatch(secrets);
    }
  });

  it.each([
    ['/auth/detail', 403, 'This is not allowed', 'info'],
    ['/auth/stale', 403, 'Please load the page again', 'info'],
    ['/auth/busy', 503, 'Too many people at once', 'warn'],
    ['/auth/down', 503, 'Not available right now', 'warn'],
    ['/auth/large', 413, 'That was too much', 'info'],
    ['/auth/text', 500, 'Something went wrong on our side', 'error'],
    ['/auth/nowhere', 404, 'There is nothing here', 'info'],
    ['/auth/post-only', 405, 'This address is not opened like that', 'info'],
  ])('answers %s with %i "%s", logged as %4$s', async (path, status, title, level) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(response.text).toContain(`<h1>${title}</h1>`);
    expect(entries).toMatchObject([{ level, fields: { path } }]);
  });

  it('keeps the private words for the log', async () => {
    await get('/auth/detail');
    expect(entries).toMatchObject([{ fields: { detail: 'hunter2', error: 'forbidden' } }]);
  });

  it('says when to come back, and which methods an address has', async () => {
    expect((await get('/auth/busy')).headers['retry-after']).toBe('7');
    expect((await get('/auth/post-only')).headers.allow).toBe('POST');
  });

  it('answers APIs, metadata and those who prefer JSON with a problem of the same id', async () => {
    for (const [path, accept] of [
      ['/auth/api/admin/v1/clients', 'text/html'],
      ['/auth/.well-known/nothing', 'text/html'],
      ['/auth/dev/nothing.json', 'text/html'],
      ['/auth/detail', 'application/json'],
    ] as const) {
      const { text } = await get(path, { accept });
      expect(JSON.parse(text).errorId).toBe(entries.at(-1)?.fields.errorId);
    }
  });

  it('answers HEAD with the same status', async () => {
    const { status, text } = await host.send('/auth/nowhere', { method: 'HEAD' });
    expect({ status, text }).toEqual({ status: 404, text: '' });
  });
});
