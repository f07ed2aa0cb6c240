import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { AppError } from '../../../server/errors.ts';
import { readForm } from '../../../server/http/form.ts';
import type { HttpRequest } from '../../support/http.ts';
import { type Host, openHost } from './host.ts';

const schema = z.object({ name: z.string().max(100), note: z.string().optional() });

describe('a posted form', () => {
  let host: Host;

  beforeAll(async () => {
    host = await openHost(async (ctx) => {
      try {
        ctx.body = await readForm(ctx, schema);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        ctx.status = error.status;
        ctx.body = { code: error.code, fields: error.fields };
      }
    });
  });
  afterAll(() => host.close());

  const post = async (body: string | Buffer, type = 'application/x-www-form-urlencoded') => {
    const request: HttpRequest = { method: 'POST', headers: { 'content-type': type }, body };
    const { status, text } = await host.send('/', request);
    return { status, body: JSON.parse(text) };
  };

  it('is read with its percent sequences, plus signs and fields without a value', async () => {
    await expect(post('name=J%C3%B6rg+%26+%2B&note')).resolves.toEqual({
      status: 200,
      body: { name: 'Jörg & +', note: '' },
    });
  });

  it('is read in UTF-8 only, whether said or not', async () => {
    const said = await post('name=a', 'application/x-www-form-urlencoded; charset=UTF-8');
    expect(said.status).toBe(200);
    const other = await post('name=a', 'application/x-www-form-urlencoded; charset=iso-8859-1');
    expect(other).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'nonsense'])(
    'is refused as %s',
    async (type) => {
      await expect(post('name=a', type)).resolves.toMatchObject({
        status: 415,
        body: { code: 'unsupported_media_type' },
      });
    },
  );

  it.each([
    ['has a field twice', 'name=a&name=b'],
    ['has a field twice, once in disguise', 'name=a&%6eame=b'],
    ['has a NUL character', 'name=a%00b'],
    ['has a percent sequence that is not UTF-8', 'name=%ff'],
    ['has a surrogate', 'name=%ed%a0%80'],
    ['has an overlong sequence', 'name=%c0%af'],
    ['has a broken percent sequence', 'name=%zz'],
    ['has raw bytes that are not UTF-8', Buffer.from([0x6e, 0x61, 0x6d, 0x65, 0x3d, 0xff])],
  ])('is refused when it %s', async (_why, body) => {
    await expect(post(body)).resolves.toMatchObject({ status: 400, body: { code: 'invalid_form' } });
  });

  it('is refused beyond 64 KiB, counted before it is decoded', async () => {
    const fits = await post(`note=${'%41'.repeat(10)}&name=${'a'.repeat(100)}`);
    expect(fits.status).toBe(200);
    const over = await post(`name=${'a'.repeat(64 * 1024)}`);
    expect(over).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('names the fields that are not as they must be, and drops those that nobody asked for', async () => {
    await expect(post(`name=${'a'.repeat(101)}`)).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_form', fields: [{ field: 'name' }] },
    });
    const { body } = await post('name=a&isAdmin=true&__proto__=x');
    expect(body).toEqual({ name: 'a' });
  });

  it('may be empty only where nothing is required', async () => {
    await expect(post('')).resolves.toMatchObject({ status: 400, body: { fields: [{ field: 'name' }] } });
  });
});
