import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makePageRouter, type PageDeps } from '../../interactions/page-router.ts';
import type { ClaimInput, ClaimOutcome } from '../../server/accounts/first-admin.ts';
import type { PageMiddleware } from '../../server/http/context.ts';
import { makeCsrf } from '../../server/http/csrf.ts';
import { makeRender } from '../../server/http/render.ts';
import { randomIds } from '../../server/ids.ts';
import type { MailboxMessage } from '../../server/outbox/mail.ts';
import { formPost, type Host, openRouterHost } from '../server/http/host.ts';
import { readForms, readLinks, readText } from '../support/html.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const issuer = 'https://id.example.org/auth';
const viewsDir = fileURLToPath(new URL('../../views', import.meta.url));

describe('the pages of no interaction', () => {
  let host: Host;
  let production: Host;
  let claims: ClaimInput[];
  let outcome: ClaimOutcome;
  let mails: MailboxMessage[];

  beforeAll(async () => {
    const deps: PageDeps = {
      issuer,
      render: await makeRender({
        viewsDir,
        keptCode: (await makeTempDir('kept')).path,
        basePath: '/auth',
        serviceName: 'Gatehouse',
        assetVersion: 'v',
      }),
      csrf: makeCsrf({
        issuer,
        cookieKeys: [{ id: 'k', key: randomBytes(32) }],
        newSecret: randomIds.secret,
        onRefused: async () => {},
      }),
      firstAdmin: {
        peek: async (token) => token === 'live',
        claim: async (input) => {
          claims.push(input);
          return outcome;
        },
      },
      mailbox: { list: async () => mails },
    };
    // As behind a proxy that ends TLS.
    const secure: PageMiddleware = (ctx, next) => {
      ctx.cookies.secure = true;
      return next();
    };
    const { mailbox: _none, ...without } = deps;
    [host, production] = await Promise.all([
      openRouterHost(makePageRouter(deps), secure),
      openRouterHost(makePageRouter(without), secure),
    ]);
  });
  beforeEach(() => {
    claims = [];
    mails = [];
    outcome = { kind: 'created', accountId: 'a' };
  });
  afterAll(() => Promise.all([host.close(), production.close()]));

  describe('the landing page', () => {
    it('leads to the account page, the discovery document and, in evaluation mode, the mailbox', async () => {
      const targets = async (from: Host) => readLinks((await from.send('/')).text).map(({ href }) => href);
      await expect(targets(host)).resolves.toEqual(
        expect.arrayContaining([
          '/auth/account',
          '/auth/.well-known/openid-configuration',
          '/auth/dev/mailbox',
        ]),
      );
      await expect(targets(production)).resolves.not.toContain('/auth/dev/mailbox');
    });
  });

  describe('the account page', () => {
    it('carries its settings and says where to sign out without script', async () => {
      const { text } = await host.send('/account');
      expect(text).toContain(`data-issuer="${issuer}"`);
      expect(text).toContain(`data-redirect-uri="${issuer}/account"`);
      expect(text).toContain(`data-after-sign-out="${issuer}/account/signed-out"`);
      expect(/<noscript>(.*?)<\/noscript>/s.exec(text)?.[1]).toContain('href="/auth/oauth2/logout"');
    });

    it('has an end that works without script', async () => {
      const { text } = await host.send('/account/signed-out');
      expect(readText(text)).toContain('You are signed out');
      expect(readLinks(text)).toContainEqual({ href: '/auth/account', text: 'Sign in again' });
    });
  });

  describe('the link for the first administrator', () => {
    const open = async () => {
      const { text, setCookies } = await host.send('/first-admin?token=live');
      const [form] = readForms(text);
      return { form, cookie: setCookies[0]?.split(';')[0] ?? '', text };
    };
    const send = async (fields: Record<string, string>) => {
      const { form, cookie } = await open();
      return host.send('/first-admin', formPost({ ...form?.values, ...fields }, { cookie }));
    };

    it('shows a form with the token, and opening it uses nothing up', async () => {
      const { form } = await open();
      expect(form).toMatchObject({
        action: '/auth/first-admin',
        method: 'post',
        values: { token: 'live', csrf: expect.any(String) },
        fields: expect.arrayContaining(['email', 'password']),
      });
      const head = await host.send('/first-admin?token=live', { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(claims).toEqual([]);
    });

    it.each([
      '/first-admin',
      '/first-admin?token=',
      '/first-admin?token=used',
      '/first-admin?token=live&token=live',
    ])('tells when it does not work any more: %s', async (path) => {
      const { status, text } = await host.send(path);
      expect(status).toBe(404);
      expect(readText(text)).toContain('This link no longer works');
    });

    it('makes the administrator and says where to sign in', async () => {
      const { status, text } = await send({ email: ' me@example.org ', password: 'long enough to be one' });
      expect(status).toBe(201);
      expect(claims).toMatchObject([
        {
          token: 'live',
          email: 'me@example.org',
          password: 'long enough to be one',
          by: { kind: 'anonymous' },
        },
      ]);
      expect(readText(text)).toContain('me@example.org can sign in now');
      expect(text).not.toContain('long enough to be one');
    });

    it('shows each fault beside its field, keeps the address and forgets the password', async () => {
      outcome = {
        kind: 'refused',
        fields: [{ field: 'password', message: 'Use at least 15 characters.' }],
      };
      const { status, text } = await send({ email: 'me@example.org', password: 'short one' });
      expect(status).toBe(422);
      expect(text).toContain('value="me@example.org"');
      expect(text).toMatch(/id="password-fault" role="alert"><p>Use at least 15 characters\.</);
      expect(text).not.toContain('short one');
    });

    it('tells when somebody else was faster', async () => {
      outcome = { kind: 'link_invalid' };
      await expect(send({ email: 'a@example.org', password: 'x' })).resolves.toMatchObject({ status: 404 });
    });

    it('takes no form that was not made by it', async () => {
      const { status } = await host.send(
        '/first-admin',
        formPost({ token: 'live', email: 'a', password: 'b' }),
      );
      expect(status).toBe(403);
      expect(claims).toEqual([]);
    });
  });

  describe('the mailbox', () => {
    const aMail = (id: string, changes: Partial<MailboxMessage> = {}): MailboxMessage => ({
      id,
      to: 'you@example.org',
      subject: `Mail ${id}`,
      text: 'Hello',
      html: '<p>Hello</p>',
      links: [],
      sentAt: new Date('2026-01-02T03:04:05Z'),
      ...changes,
    });

    it('shows the newest first to people and last to programs', async () => {
      mails = [aMail('1'), aMail('2', { links: ['https://id.example.org/x'] })];
      const { text } = await host.send('/dev/mailbox');
      expect([...text.matchAll(/<h2><bdi>(Mail \d)</g)].map(([, subject]) => subject)).toEqual([
        'Mail 2',
        'Mail 1',
      ]);
      const json = await host.send('/dev/mailbox.json');
      expect(JSON.parse(json.text)).toEqual([
        { to: 'you@example.org', subject: 'Mail 1', text: 'Hello', html: '<p>Hello</p>', links: [] },
        {
          to: 'you@example.org',
          subject: 'Mail 2',
          text: 'Hello',
          html: '<p>Hello</p>',
          links: ['https://id.example.org/x'],
        },
      ]);
    });

    it('makes addresses in the text clickable, without the full stop after them', async () => {
      mails = [
        aMail('1', { text: 'Open https://id.example.org/v?t=a&b=c. (Or http://localhost:3000/x)\nBye <b>' }),
      ];
      const { text } = await host.send('/dev/mailbox');
      const article = /<article.*<\/article>/s.exec(text)?.[0] ?? '';
      expect(readLinks(article).map(({ href }) => href)).toEqual([
        'https://id.example.org/v?t=a&b=c',
        'http://localhost:3000/x',
      ]);
      expect(article).toContain('Bye &lt;b&gt;');
    });

    it('shows HTML in a frame that may do nothing', async () => {
      mails = [aMail('1', { html: '<script>alert("x")</script>' })];
      const { text } = await host.send('/dev/mailbox');
      const frame = /<iframe [^>]*>/.exec(text)?.[0] ?? '';
      expect(frame).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
      expect(frame).toContain('&lt;script&gt;alert(&quot;x&quot;)');
      expect(text).not.toContain('<script>');
    });

    it('is a page worth looking at when nothing came yet', async () => {
      expect(readText((await host.send('/dev/mailbox')).text)).toContain('No mail yet');
    });

    it('does not exist in production', async () => {
      expect((await production.send('/dev/mailbox')).status).toBe(404);
      expect((await production.send('/dev/mailbox.json')).status).toBe(404);
    });
  });
});
