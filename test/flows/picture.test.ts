import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Transformer } from '@napi-rs/image';
import { blackPng, pixels } from '../support/pictures.ts';
import { type AccountServer, type ApiUser, startAccountServer } from './account-fixture.ts';
import { shown } from './protocol/app.ts';

describe("a person's picture", () => {
  let server: AccountServer;
  beforeAll(async () => {
    server = await startAccountServer();
  });
  afterAll(() => server.dispose());

  const upload = async ({ token }: ApiUser, file: Buffer, type = 'image/png') => {
    const answer = await fetch(`${server.issuer}/api/account/v1/profile/picture`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: new Uint8Array(file),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const load = async (url: string) => {
    const answer = await fetch(url);
    return { answer, image: Buffer.from(await answer.arrayBuffer()) };
  };

  it.each([
    ['image/png', () => pixels(300, 200).png()],
    ['image/jpeg', () => pixels(200, 300).jpeg()],
    ['image/webp', () => pixels(64, 64).webp()],
  ])('is uploaded as %s, and is found as WebP of 512 x 512 where the claim says', async (type, make) => {
    const user = await server.apiUser();
    const { status, body } = await upload(user, await make(), type);
    expect(status).toBe(200);
    expect(body.picture).toMatch(/\/pictures\/[\w-]{43}\.webp$/);
    expect((await user.request('GET', '/profile')).body.picture).toBe(body.picture);
    const { answer, image } = await load(body.picture);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'public, max-age=31536000, immutable',
    });
    await expect(new Transformer(image).metadata()).resolves.toMatchObject({
      ...{ width: 512, height: 512, format: 'webp' },
    });
  });

  it('has another address with each upload, and the one before is gone', async () => {
    const user = await server.apiUser();
    const first = await upload(user, await pixels(20, 20).png());
    const second = await upload(user, await pixels(20, 20).png());
    expect(second.body.picture).not.toBe(first.body.picture);
    expect((await load(first.body.picture)).answer.status).toBe(404);
    expect((await user.request('DELETE', '/profile/picture')).status).toBe(204);
    expect((await load(second.body.picture)).answer.status).toBe(404);
    expect((await user.request('GET', '/profile')).body).not.toHaveProperty('picture');
  });

  it('keeps nothing of the file but its pixels', async () => {
    const user = await server.apiUser();
    const secret = 'GPS 48.8584 2.2945';
    const script = '<script>alert(1)</script>';
    const file = Buffer.concat([
      blackPng(40, 40, 40, [['tEXt', Buffer.from(`Comment\0${secret}`)]]),
      Buffer.from(script),
    ]);
    const { body } = await upload(user, file);
    const { image } = await load(body.picture);
    expect(image.includes(secret)).toBe(false);
    expect(image.includes('script')).toBe(false);
  });

  const bomb = () => blackPng(60_000, 60_000, 1);
  const truncated = async () => (await pixels(300, 300).jpeg()).subarray(0, 400);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  it.each([
    ['promises more pixels than are read', bomb, 413],
    ['is an SVG with a script', () => Buffer.from(svg), 415],
    ['is an SVG behind the head of a PNG', () => Buffer.from(`\x89PNG\r\n\x1a\n${svg}`, 'latin1'), 415],
    ['is a GIF', () => Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1'), 415],
    ['is a page', () => Buffer.from('<!doctype html><title>x</title>'), 415],
    ['is cut off', truncated, 400],
    ['has fewer pixels than its head says', () => blackPng(2000, 2000, 3), 400],
    ['has no width', () => blackPng(0, 10, 10), 400],
    ['is empty', () => Buffer.alloc(0), 415],
    ['has more than 2 MiB', () => randomBytes(2 * 1024 * 1024 + 1), 413],
  ])('is refused when the file %s', async (_why, make, status) => {
    const user = await server.apiUser();
    const answer = await upload(user, await make());
    expect(answer).toMatchObject({ status });
    expect((await user.request('GET', '/profile')).body).not.toHaveProperty('picture');
  });

  it('is refused in a type of file that is no picture, whatever is in it', async () => {
    const user = await server.apiUser();
    const file = await pixels(20, 20).png();
    for (const type of ['image/svg+xml', 'text/html', 'application/octet-stream'])
      expect((await upload(user, file, type)).status).toBe(415);
  });

  it('is uploaded in a page without script, and removed there', async () => {
    const user = await server.apiUser();
    const page = shown(await user.person.visit('/account/picture'));
    const { csrf = '' } = page.forms[0]?.values ?? {};
    const send = async (fields: Record<string, string | Buffer>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields))
        form.append(name, typeof value === 'string' ? value : new Blob([new Uint8Array(value)]));
      const url = new URL('/account/picture', server.issuer);
      const answer = await fetch(url, {
        method: 'POST',
        headers: { cookie: user.person.jar.header(url) ?? '', origin: server.issuer },
        body: form,
      });
      return { status: answer.status, text: await answer.text() };
    };
    const picture = await pixels(90, 60).png();
    await expect(send({ picture })).resolves.toMatchObject({ status: 403 });
    await expect(send({ csrf, picture: Buffer.from(svg) })).resolves.toMatchObject({ status: 422 });
    await expect(send({ csrf })).resolves.toMatchObject({ status: 422 });
    const saved = await send({ csrf, picture });
    expect([saved.status, saved.text]).toEqual([200, expect.stringContaining('Your picture is saved')]);
    expect((await user.request('GET', '/profile')).body.picture).toMatch(/\.webp$/);
    const shownAgain = shown(await user.person.visit('/account/picture'));
    const [removal] = shownAgain.forms.slice(1);
    expect(removal?.method).toBe('post');
    const url = new URL('/account/picture', server.issuer);
    const removed = await fetch(url, {
      method: 'POST',
      headers: { cookie: user.person.jar.header(url) ?? '', origin: server.issuer },
      body: new URLSearchParams(removal?.values),
    });
    expect(removed.status).toBe(200);
    expect((await user.request('GET', '/profile')).body).not.toHaveProperty('picture');
  });
});
