import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allowSource, hasInlineScript, makeSecurityHeaders } from '../../../server/http/security-headers.ts';
import { type Host, openHost } from './host.ts';

describe('security headers', () => {
  let plain: Host;
  let secure: Host;

  beforeAll(async () => {
    plain = await openHost(makeSecurityHeaders({ issuer: 'http://localhost:3000' }), (ctx) => {
      if (ctx.path === '/throws') throw new Error('no');
      if (ctx.path === '/logo') {
        allowSource(ctx, 'img-src', 'https://app.example');
        allowSource(ctx, 'img-src', 'https://app.example');
      }
      if (ctx.path === '/inject')
        allowSource(ctx, 'img-src', "https://app.example; script-src 'unsafe-inline'");
      ctx.body = String(hasInlineScript(ctx));
    });
    secure = await openHost(makeSecurityHeaders({ issuer: 'https://id.example.org/auth' }), (ctx) => {
      ctx.body = 'page';
    });
  });
  afterAll(() => Promise.all([plain.close(), secure.close()]));

  it('stand on every answer', async () => {
    const { headers } = await plain.send('/');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
  });

  it('allow nothing inline, no framing, no plugins, no base and no foreign forms', async () => {
    const policy = String((await plain.send('/')).headers['content-security-policy']);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
      ]),
    );
  });

  it('ask for https where the issuer has it, and only there', async () => {
    expect((await plain.send('/')).headers['strict-transport-security']).toBeUndefined();
    expect((await secure.send('/')).headers['strict-transport-security']).toBe('max-age=63072000');
  });

  it.each([
    '/auth/oauth2/authorize',
    '/auth/oauth2/authorize/uid',
    '/auth/interaction/uid',
    '/auth/oauth2/logout/confirm',
  ])('leave the opener of a popup alone on %s', async (path) => {
    expect((await secure.send(path)).headers['cross-origin-opener-policy']).toBe('unsafe-none');
  });

  it.each(['/auth/account', '/auth/oauth2/authorizers', '/oauth2/authorize', '/auth'])(
    'cut off other windows on %s',
    async (path) => {
      expect((await secure.send(path)).headers['cross-origin-opener-policy']).toBe('same-origin');
    },
  );

  it('take a source of one page once, into one directive', async () => {
    const policy = String((await plain.send('/logo')).headers['content-security-policy']);
    expect(policy).toContain("img-src 'self' data: https://app.example;");
    expect(policy).toContain("script-src 'self';");
    const next = String((await plain.send('/')).headers['content-security-policy']);
    expect(next).not.toContain('app.example');
  });

  it('take no source that would be a policy of its own', async () => {
    const { status, headers } = await plain.send('/inject');
    expect(status).toBe(500);
    expect(String(headers['content-security-policy'])).not.toContain('unsafe-inline');
  });

  it('tell when the engine has let in an inline script by its hash', async () => {
    expect((await plain.send('/')).text).toBe('false');
    const host = await openHost(makeSecurityHeaders({ issuer: 'http://localhost' }), (ctx) => {
      const policy = ctx.response.get('content-security-policy');
      ctx.set(
        'content-security-policy',
        policy.replace("script-src 'self'", "script-src 'self' 'sha256-abc='"),
      );
      ctx.body = String(hasInlineScript(ctx));
    });
    const { text } = await host.send('/');
    await host.close();
    expect(text).toBe('true');
  });
});
