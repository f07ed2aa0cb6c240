import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { AppError } from '../../../server/errors.ts';
import { makeCsrf } from '../../../server/http/csrf.ts';
import { randomIds } from '../../../server/ids.ts';
import type { NamedKey } from '../../../server/keys/key-list.ts';
import type { HttpResponse } from '../../support/http.ts';
import { formPost, type Host, openHost } from './host.ts';

const issuer = 'http://localhost:3000';
const newKey = (): NamedKey => ({ id: 'k', key: randomBytes(32) });
const purpose = 'interaction abc';

interface Visit {
  cookie: string;
  token: string;
}

describe('the token of a form', () => {
  const hosts: Host[] = [];
  let refusals: string[];
  let changes: number;
  const keys = { current: [newKey()] };
  let host: Host;

  const open = async (cookieKeys: () => readonly NamedKey[], at = issuer): Promise<Host> => {
    const made = await openHost(async (ctx) => {
      const csrf = makeCsrf({
        issuer: at,
        cookieKeys: cookieKeys(),
        newSecret: randomIds.secret,
        onRefused: async (_ctx, reason) => {
          refusals.push(reason);
        },
      });
      try {
        if (ctx.method === 'GET') {
          ctx.body = csrf.token(ctx, ctx.query.purpose === undefined ? purpose : 'interaction other');
        } else {
          await csrf.readForm(ctx, purpose, z.object({ name: z.string() }));
          changes += 1;
          ctx.body = 'changed';
        }
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        ctx.status = error.status;
        ctx.body = error.code;
      }
    });
    hosts.push(made);
    return made;
  };

  const visit = async (path = '/', cookie?: string): Promise<Visit> => {
    const response = await host.send(path, cookie === undefined ? {} : { headers: { cookie } });
    return { cookie: response.setCookies[0]?.split(';')[0] ?? '', token: response.text };
  };
  const submit = ({ cookie, token }: Visit, headers: Record<string, string> = {}): Promise<HttpResponse> =>
    host.send('/', formPost({ csrf: token, name: 'x' }, { cookie, ...headers }));

  beforeEach(async () => {
    refusals = [];
    changes = 0;
    keys.current = [newKey()];
    host = await open(() => keys.current);
  });
  afterAll(() => Promise.all(hosts.map((one) => one.close())));

  it('lets a form through in the browser that it was made for', async () => {
    await expect(submit(await visit())).resolves.toMatchObject({ status: 200, text: 'changed' });
    expect(refusals).toEqual([]);
  });

  it('belongs to a cookie that scripts and other sites do not get', async () => {
    const { setCookies } = await host.send('/');
    expect(setCookies[0]).toMatch(/^gatehouse_csrf=[\w-]{43}; path=\/; samesite=lax; httponly$/i);
  });

  it('is the same for all pages of a browser, and another for each purpose', async () => {
    const first = await visit();
    const second = await visit('/', first.cookie);
    expect(second).toEqual(first);
    const other = await visit('/?purpose=other', first.cookie);
    expect(other.token).not.toBe(first.token);
  });

  const refused = [
    ['is missing', async () => host.send('/', formPost({ name: 'x' }, { cookie: (await visit()).cookie }))],
    ['comes without its cookie', async () => submit({ ...(await visit()), cookie: 'a=b' })],
    ['is empty', async () => submit({ ...(await visit()), token: '' })],
    ['was made up', async () => submit({ ...(await visit()), token: randomBytes(32).toString('base64url') })],
    [
      'is the cookie itself',
      async () => {
        const { cookie } = await visit();
        return submit({ cookie, token: cookie.split('=')[1] ?? '' });
      },
    ],
    [
      'is that of another person',
      async () => {
        const mine = await visit();
        const theirs = await visit();
        return submit({ cookie: mine.cookie, token: theirs.token });
      },
    ],
    ['was made for another page', async () => submit(await visit('/?purpose=other'))],
    [
      'has a cookie of another form',
      async () => {
        const { token } = await visit();
        return submit({ cookie: 'gatehouse_csrf=short', token });
      },
    ],
    ['comes from another origin', async () => submit(await visit(), { origin: 'https://evil.example' })],
    [
      'comes from our origin on another port',
      async () => submit(await visit(), { origin: 'http://localhost:3001' }),
    ],
    ['comes from a frame without origin', async () => submit(await visit(), { origin: 'null' })],
    ['comes from another site', async () => submit(await visit(), { 'sec-fetch-site': 'cross-site' })],
    ['comes from a sister site', async () => submit(await visit(), { 'sec-fetch-site': 'same-site' })],
    ['comes as text', async () => submit(await visit(), { 'content-type': 'text/plain' })],
    [
      'comes in parts',
      async () => submit(await visit(), { 'content-type': 'multipart/form-data; boundary=x' }),
    ],
  ] as const;

  it.each(refused)('does not let a form through when it %s, and nothing is changed', async (_why, send) => {
    await expect(send()).resolves.toMatchObject({ status: 403, text: 'csrf_rejected' });
    expect(refusals).toHaveLength(1);
    expect(changes).toBe(0);
  });

  it('lets the browser say that the form is ours', async () => {
    const headers = { origin: issuer, 'sec-fetch-site': 'same-origin' };
    await expect(submit(await visit(), headers)).resolves.toMatchObject({ status: 200 });
    await expect(submit(await visit(), { 'sec-fetch-site': 'none' })).resolves.toMatchObject({ status: 200 });
  });

  it('still counts when the keys were rotated, until its key is gone', async () => {
    const made = await visit();
    const [old] = keys.current;
    keys.current = [newKey(), ...(old === undefined ? [] : [old])];
    await expect(submit(made)).resolves.toMatchObject({ status: 200 });
    keys.current = [newKey()];
    await expect(submit(made)).resolves.toMatchObject({ status: 403 });
  });

  it('is asked for before the fields are looked at', async () => {
    const { cookie } = await visit();
    await expect(host.send('/', formPost({ csrf: 'x' }, { cookie }))).resolves.toMatchObject({ status: 403 });
  });
});

describe('under https', () => {
  it('the cookie has the __Host- prefix, so that no sister host can set it', async () => {
    const csrf = makeCsrf({
      issuer: 'https://id.example.org/auth',
      cookieKeys: [newKey()],
      newSecret: randomIds.secret,
      onRefused: async () => {},
    });
    const host = await openHost(
      (ctx, next) => {
        // As behind a proxy that ends TLS.
        ctx.cookies.secure = true;
        return next();
      },
      (ctx) => {
        ctx.body = csrf.token(ctx, purpose);
      },
    );
    const { setCookies } = await host.send('/');
    await host.close();
    expect(setCookies[0]).toMatch(
      /^__Host-gatehouse_csrf=[\w-]{43}; path=\/; samesite=lax; secure; httponly$/i,
    );
  });
});

describe('forms that the engine checks itself', () => {
  it('are refused when they come from another site, and only posts are', async () => {
    const csrf = makeCsrf({
      issuer,
      cookieKeys: [newKey()],
      newSecret: randomIds.secret,
      onRefused: async () => {},
    });
    const host = await openHost(csrf.sameOriginOnly, (ctx) => {
      ctx.body = 'engine';
    });
    const foreign = { 'sec-fetch-site': 'cross-site' };
    const statuses = await Promise.all([
      host.send('/', formPost({}, foreign)),
      host.send('/', formPost({}, { origin: issuer, 'sec-fetch-site': 'same-origin' })),
      host.send('/', { headers: foreign }),
    ]);
    await host.close();
    // The refusal is an AppError, which a plain host answers with its status.
    expect(statuses.map(({ status }) => status)).toEqual([403, 200, 200]);
  });
});
