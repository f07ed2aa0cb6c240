import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addAccount, registerApp, shown } from '../flows/protocol/app.ts';
import { projectFolder } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { openEveryPage, type SeenPage } from './every-page.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const marker = 'xss7f3a';
const payloads = [
  `<script>${marker}()</script>`,
  `"><img src=x onerror=${marker}()>`,
  `'><svg/onload=${marker}()>`,
  `</title><script>${marker}()</script>`,
  `</textarea><script>${marker}()</script>`,
  `--><script>${marker}()</script><!--`,
  `]]><script>${marker}()</script>`,
  `" autofocus onfocus=${marker}() x="`,
  `' onmouseover='${marker}()`,
  `<iframe srcdoc="&lt;script&gt;${marker}()&lt;/script&gt;">`,
  `<a href="javascript:${marker}()">x</a>`,
  `<base href="https://evil.example/${marker}">`,
  `<meta http-equiv="refresh" content="0;url=https://evil.example/${marker}">`,
  `<link rel=stylesheet href=//evil.example/${marker}>`,
  `<form action="https://evil.example/${marker}"><button>x`,
  `&lt;script&gt;${marker}()&lt;/script&gt;`,
  `&#60;img src=x onerror=${marker}()&#62;`,
  `#{${marker}}!{${marker}}<%=${marker}%>`,
  `\u003cscript\u003e${marker}()\u003c/script\u003e`,
  `<math><mtext></form><form><mglyph><style></math><img src onerror=${marker}()>`,
];

/** Tags and attributes as they stand in the page, where a payload must not have got to. */
function expectNoMarkup(html: string): void {
  for (const tag of html.match(/<[a-z!/][^>]*>/gi) ?? []) {
    const outsideOfValues = tag.replaceAll(/"[^"]*"/g, '""');
    expect(outsideOfValues).not.toContain(marker);
    expect(outsideOfValues).not.toMatch(/\son\w+=/i);
    expect(tag).not.toMatch(/(?:href|src|action)="\s*(?:javascript|data):/i);
  }
  expect(html).not.toMatch(new RegExp(`<(?:script|style)[^>]*>[^<]*${marker}`, 'i'));
  expect(html).not.toMatch(
    new RegExp(`<(?:base|meta|link|iframe|form|img)[^>]*evil\\.example/${marker}`, 'i'),
  );
}

describe('attacks on pages', () => {
  let attacked: Attacked;
  let pages: SeenPage[];
  beforeAll(async () => {
    attacked = await startAttacked();
    pages = await openEveryPage(attacked);
  });
  afterAll(() => attacked.dispose());

  const policyOf = ({ headers }: SeenPage) =>
    new Map(
      String(headers['content-security-policy'])
        .split(';')
        .map((directive) => directive.trim().split(' '))
        .map(([name = '', ...sources]) => [name, sources]),
    );

  it('C05 every page, with every error page, forbids to be framed', () => {
    expect(pages.length).toBeGreaterThan(35);
    for (const page of pages) {
      expect({ page: page.name, type: page.headers['content-type'] }).toEqual({
        page: page.name,
        type: 'text/html; charset=utf-8',
      });
      expect({ page: page.name, framing: policyOf(page).get('frame-ancestors') }).toEqual({
        page: page.name,
        framing: ["'none'"],
      });
      expect(page.headers['x-frame-options']).toBe('DENY');
    }
  });

  it('C05 answers that are no pages forbid it, too', async () => {
    const paths = [
      '/.well-known/openid-configuration',
      '/oauth2/jwks',
      '/oauth2/userinfo',
      '/api/admin/v1/users',
    ];
    for (const path of [...paths, '/dev/mailbox.json', '/oauth2/token']) {
      const { headers } = await attacked.send(path);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  describe('J03', () => {
    it('J03 every page has a content security policy without inline code, and no cache keeps it', () => {
      for (const page of pages) {
        const policy = policyOf(page);
        const scripts = policy.get('script-src') ?? [];
        // The engine's page that posts to an app by itself has one inline script, allowed by its hash.
        const allowed = scripts.filter((source) => !source.startsWith("'sha256-"));
        expect({ page: page.name, allowed }).toEqual({ page: page.name, allowed: ["'self'"] });
        expect(policy.get('default-src')).toEqual(["'none'"]);
        expect(policy.get('style-src')).toEqual(["'self'"]);
        expect(policy.get('object-src')).toEqual(["'none'"]);
        expect(policy.get('base-uri')).toEqual(["'none'"]);
        const postsItself = scripts.length > 1;
        const targets = postsItself ? expect.arrayContaining(["'self'"]) : ["'self'"];
        expect({ page: page.name, targets: policy.get('form-action') }).toEqual({ page: page.name, targets });
        expect(String(page.headers['content-security-policy'])).not.toMatch(/unsafe|\*|https?: /);
        expect({ page: page.name, kept: page.headers['cache-control'] }).toEqual({
          page: page.name,
          kept: 'no-store',
        });
      }
    });

    it('J03 no page of ours has code or style in it, or prints anything unescaped', () => {
      for (const { name, html } of pages) {
        const inline = html.match(/<script(?![^>]*\ssrc=)[^>]*>/gi) ?? [];
        const isEngines = html.includes('<title>Submitting Callback</title>');
        expect({ name, inline: inline.length }).toEqual({ name, inline: isEngines ? 1 : 0 });
        expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/i);
      }
      const views = join(projectFolder, 'views');
      const templates = readdirSync(views, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.pug'),
      );
      expect(templates.length).toBeGreaterThan(10);
      for (const file of templates)
        expect(readFileSync(join(views, file), 'utf8')).not.toMatch(/!=(?!=)|!\{/);
    });
  });

  it('J01 what an app and a person are called is text on every page, whatever it holds', async () => {
    const [server] = attacked.servers;
    const person = makePerson(attacked.issuer);
    const who = await addAccount(server, 'many-names@example.org');
    await attacked.apps.c1.signIn(person, who);
    for (const payload of payloads) {
      const app = await registerApp(server, {
        client_name: payload,
        client_uri: 'https://app.example/?%22%3E',
      });
      await server.admin('PATCH', `users/${who.sub}`, { name: payload, given_name: payload });
      const { clientId } = app.registration;
      const consent = shown(await person.visit(app.begin().url));
      expect(consent.text).toContain(payload.replaceAll(/\s+/g, ' ').trim());
      const pagesOfApp = [
        makePerson(attacked.issuer).visit(app.begin().url),
        person.visit(`/oauth2/logout?client_id=${clientId}`),
        person.visit(`/oauth2/logout/success?client_id=${clientId}`),
        person.visit(`/oauth2/authorize?client_id=${clientId}`),
      ];
      for (const { html } of [consent, ...(await Promise.all(pagesOfApp)).map(shown)]) expectNoMarkup(html);
    }
  });

  it('J02 nothing of a request comes back as markup', async () => {
    const person = makePerson(attacked.issuer);
    await attacked.apps.c1.signIn(person, attacked.people.user);
    const cookie = person.jar.header(new URL('/oauth2/authorize', attacked.issuer)) ?? '';
    const fields = [
      'state',
      'login_hint',
      'ui_locales',
      'scope',
      'nonce',
      'prompt',
      'claims',
      'response_type',
    ];
    for (const payload of payloads) {
      const query = encodeURIComponent(payload);
      const requests = [
        ...fields,
        'client_id',
        'redirect_uri',
        'response_mode',
        'error_description',
        'error',
      ].map((field) => attacked.apps.c1.begin({ response_mode: 'form_post', [field]: payload }).url);
      const paths = [
        ...requests.map(({ pathname, search }) => pathname + search),
        `/oauth2/logout?state=${query}&post_logout_redirect_uri=${query}&id_token_hint=${query}`,
        `/oauth2/logout/success?client_id=${query}`,
        `/device?user_code=${query}`,
        `/interaction/${query}?client_id=${query}`,
        `/first-admin?token=${query}`,
        `/account?error=${query}&error_description=${query}`,
        `/${query}`,
      ];
      const headers = { cookie, accept: 'text/html' };
      const answers = await Promise.all(paths.map((path) => attacked.send(path, { headers })));
      // The engine's own script, which posts to the app, is the same for everybody.
      for (const { text } of answers) expectNoMarkup(text.replace(/<script>[^<]*<\/script>/, ''));
    }
  });

  it('J02 a name that was typed wrong comes back in its field only', async () => {
    for (const payload of payloads) {
      const person = makePerson(attacked.issuer);
      await person.visit(attacked.apps.c1.begin({ login_hint: payload }).url);
      expectNoMarkup(person.page().html);
      const seen = shown(await person.signIn({ username: payload, password: payload }));
      expectNoMarkup(seen.html);
      expect(seen.forms.some(({ values }) => values.username === payload)).toBe(true);
      expect(seen.forms.some(({ values }) => values.password === payload)).toBe(false);
    }
  });
});
