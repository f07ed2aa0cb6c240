import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError } from '../../../server/errors.ts';
import { readJson } from '../../../server/http/json-body.ts';
import { type Problem, sendProblem } from '../../../server/http/problem.ts';
import { type Host, openHost } from './host.ts';

let host: Host;

beforeAll(async () => {
  host = await openHost(async (ctx) => {
    try {
      const mediaTypes = ['application/json', 'application/merge-patch+json'];
      ctx.body = { read: await readJson(ctx, { mediaTypes }) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      sendProblem(ctx, error, 'the-error-id');
    }
  });
});
afterAll(() => host.close());

async function post(
  body: string | Buffer,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) {
  const answer = await host.send('/', { method: 'POST', body, headers });
  return { status: answer.status, headers: answer.headers, json: JSON.parse(answer.text) };
}

/** Without Content-Length. */
function postInPieces(piece: Buffer, times: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const posted = request(host.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
    posted.once('response', (response) => {
      response.resume();
      // The server closes what it does not want to read: errors after its answer are no news.
      posted.on('error', () => {});
      resolve(response.statusCode);
    });
    posted.once('error', reject);
    for (let count = 0; count < times; count += 1) posted.write(piece);
    posted.end();
  });
}

describe('a JSON body', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/merge-patch+json',
  ])('is read as %s', async (type) => {
    await expect(post('{"a":[1,"ä"]}', { 'content-type': type })).resolves.toMatchObject({
      status: 200,
      json: { read: { a: [1, 'ä'] } },
    });
  });

  it('may begin with a byte order mark', async () => {
    await expect(post('\ufeff{"a":1}')).resolves.toMatchObject({ status: 200, json: { read: { a: 1 } } });
  });

  it.each([
    ['no type', {}],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['another JSON', { 'content-type': 'application/vnd.api+json' }],
    ['another charset', { 'content-type': 'application/json; charset=utf-16' }],
    ['gzip', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    ['brotli', { 'content-type': 'application/json', 'content-encoding': 'br' }],
  ])('is refused with 415 as %s', async (_what, headers: Record<string, string>) => {
    const body = headers['content-encoding'] === 'gzip' ? gzipSync('{}') : '{}';
    await expect(post(body, headers)).resolves.toMatchObject({
      status: 415,
      json: { code: 'unsupported_media_type' },
    });
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"a":'],
    ['no JSON', 'a=b'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{}//x'],
    ['two values', '{}{}'],
    ['a name twice', '{"a":1,"a":2}'],
    ['__proto__', '{"__proto__":{}}'],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['a NUL', '{"a":"x\\u0000"}'],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['broken UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['Latin-1', Buffer.from('"ä"', 'latin1')],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
  ])('is refused with 400 when it is or has %s', async (_what, body) => {
    await expect(post(body)).resolves.toMatchObject({ status: 400, json: { code: 'invalid_json' } });
  });

  it('never comes back in the answer', async () => {
    for (const body of ['{"SECRET":', '{"a":"SECRET\\u0000"}', '{"SECRET":1,"SECRET":2}']) {
      const { json } = await post(body);
      expect(JSON.stringify(json)).not.toContain('SECRET');
    }
  });

  it('is refused with 413 beyond 256 KiB, whether it tells its length or not', async () => {
    const fits = `"${'a'.repeat(262_142)}"`;
    await expect(post(fits)).resolves.toMatchObject({ status: 200 });
    await expect(post(`${fits} `)).resolves.toMatchObject({
      status: 413,
      json: { code: 'body_too_large' },
      headers: { connection: 'close' },
    });
    const chunked = await postInPieces(Buffer.alloc(65_536, 0x20), 5);
    expect(chunked).toBe(413);
  });

  it('K01: is refused for its many names, before they are put into an object where they could collide', async () => {
    const names = Array.from({ length: 15_000 }, (_, index) => `"${index * 65_536}":0`);
    await expect(post(`{${names.join(',')}}`)).resolves.toMatchObject({ status: 400 });
  });
});

describe('a problem', () => {
  it('says what may be told and nothing else (RFC 9457)', async () => {
    const { json, headers } = await post('{"a":');
    const expected: Problem = {
      type: 'urn:gatehouse:error:invalid_json',
      title: 'The body is not valid JSON. Nothing was changed.',
      status: 400,
      code: 'invalid_json',
      error_id: 'the-error-id',
    };
    expect(json).toEqual(expected);
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
  });
});
