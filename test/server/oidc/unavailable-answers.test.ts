import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '../../../server/errors.ts';
import type { PageContext } from '../../../server/http/context.ts';
import { makeUnavailableAnswers } from '../../../server/oidc/unavailable-answers.ts';
import { type Host, openHost } from '../http/host.ts';

const refused = () => new AppError('unavailable', { detail: 'private words', retryAfter: 2 });

describe('around the engine', () => {
  let host: Host;
  let failure: AppError | undefined;
  let engine: (ctx: PageContext) => void;
  let counted: string[];
  let logged: unknown[];
  beforeAll(async () => {
    const log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (_: string, fields?: object) => void logged.push(fields),
    };
    host = await openHost(
      async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          ctx.status = 418;
          ctx.body = error instanceof Error ? error.name : 'something else';
        }
      },
      makeUnavailableAnswers({
        failure: () => failure,
        count: (endpoint, outcome) => void counted.push(`${endpoint} ${outcome}`),
        log,
      }),
      (ctx) => engine(ctx),
    );
  });
  afterAll(() => host.close());
  beforeEach(() => {
    failure = undefined;
    counted = [];
    logged = [];
  });

  it.each(['token', 'introspect', 'revoke', 'userinfo', 'par', 'device_authorization'])(
    'a success of %s that the storage was not there for is none',
    async (endpoint) => {
      failure = refused();
      engine = (ctx) => {
        ctx.status = 200;
        ctx.body = '';
      };
      const { status, headers, text } = await host.send(`/oauth2/${endpoint}`);
      expect(status).toBe(503);
      expect(JSON.parse(text)).toEqual({
        error: 'temporarily_unavailable',
        error_description: expect.not.stringContaining('private'),
      });
      expect(headers).toMatchObject({ 'retry-after': '2', 'cache-control': 'no-store' });
      expect(counted).toEqual([`${endpoint} temporarily_unavailable`]);
      expect(logged).toEqual([{ endpoint, error: 'unavailable', detail: 'private words' }]);
    },
  );

  it('nor is a refusal one, with what belongs to it', async () => {
    failure = refused();
    engine = (ctx) => {
      ctx.status = 401;
      ctx.set('WWW-Authenticate', 'Basic realm="x"');
      ctx.set('Set-Cookie', 'a=b');
      ctx.body = { error: 'invalid_client' };
    };
    const { status, headers, setCookies } = await host.send('/oauth2/token');
    expect([status, headers['www-authenticate'], setCookies]).toEqual([503, undefined, []]);
  });

  it.each(['/oauth2/authorize', '/oauth2/logout', '/device'])(
    '%s is left to the error page, and sends nobody on',
    async (path) => {
      failure = refused();
      engine = (ctx) => ctx.redirect('https://app.example/callback?error=server_error');
      const { text, headers } = await host.send(path);
      expect([text, headers.location]).toEqual(['AppError', undefined]);
      expect(counted).toEqual(['page temporarily_unavailable']);
    },
  );

  it('what is thrown because of it counts as well', async () => {
    engine = () => {
      throw new AppError('overloaded', { retryAfter: 1 });
    };
    await expect(host.send('/oauth2/token')).resolves.toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
  });

  it('everything else passes', async () => {
    engine = (ctx) => {
      ctx.body = 'fine';
    };
    await expect(host.send('/oauth2/token')).resolves.toMatchObject({ status: 200, text: 'fine' });
    engine = () => {
      throw new RangeError('a bug');
    };
    await expect(host.send('/oauth2/token')).resolves.toMatchObject({ status: 418, text: 'RangeError' });
    engine = () => {
      throw new AppError('method_not_allowed');
    };
    await expect(host.send('/oauth2/token')).resolves.toMatchObject({ status: 418, text: 'AppError' });
    expect(counted).toEqual([]);
  });
});
