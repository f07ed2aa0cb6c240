import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  faultInOrigin,
  faultInRedirectUri,
  faultInRedirectUriOf,
  faultInWebUri,
} from '../../../server/clients/uri-rules.ts';

const hostileRedirects = [
  // schemes
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'javascript://app.example.com/%0aalert(1)',
  'data:text/html,x',
  'DATA:text/html;base64,eA==',
  'file:///etc/passwd',
  'vbscript:x',
  'blob:https://app.example.com/1',
  'about:blank',
  'ftp://app.example.com/',
  'ws://app.example.com/',
  'myapp://callback',
  'com.example.app:callback',
  'com.example.app:',
  // hosts that two readers could take for two hosts
  'https://app.example.com@evil.example/',
  'https://evil.example@app.example.com/',
  'https://@app.example.com/',
  'https://user:pass@app.example.com/',
  'com.example.app://user@evil/callback',
  'https:app.example.com/callback',
  'https:/app.example.com/callback',
  'https:///app.example.com/callback',
  'https:\\\\app.example.com\\callback',
  'https://app.example.com\\@evil.example/',
  'https://app.example.com./callback',
  'https://.example.com/callback',
  'https://app..example.com/callback',
  'https://APP.example.com/callback',
  'HTTPS://app.example.com/callback',
  'https://app.example.com:443/callback',
  'https://app.example.com:/callback',
  'https://ápp.example.com/callback',
  'https://app。example.com/callback',
  'https://app%2eexample.com/callback',
  '//app.example.com/callback',
  '/callback',
  'callback',
  '',
  // wildcards
  '*',
  'https://*',
  'https://*.example.com/callback',
  'https://app.example.com/*',
  'https://app.example.com/?next=*',
  // plain text on the network
  'http://app.example.com/callback',
  'http://127.0.0.1.evil.example/callback',
  'http://localhost.evil.example/callback',
  'http://2130706433/callback',
  'http://0x7f.1/callback',
  'http://127.1/callback',
  'http://0.0.0.0/callback',
  'http://[::ffff:127.0.0.1]/callback',
  'http://[0:0:0:0:0:0:0:1]/callback',
  // paths that somebody resolves later
  'https://app.example.com/../callback',
  'https://app.example.com/a/./callback',
  'https://app.example.com/a/..',
  'https://app.example.com/a/..;/admin',
  'https://app.example.com/a/.;x=1/admin',
  'https://app.example.com/%2e%2e/callback',
  'https://app.example.com/%2E%2E/callback',
  'https://app.example.com/.%2e/callback',
  'https://app.example.com/a%2fb',
  'https://app.example.com/a%5Cb',
  'https://app.example.com/a%252e%252e/',
  'https://app.example.com/a%00',
  'https://app.example.com/a?x=%0d%0aSet-Cookie:x',
  'com.example.app:/a/../b',
  // characters
  'https://app.example.com/callback#fragment',
  'https://app.example.com/callback#',
  'https://app.example.com/a b',
  'https://app.example.com/a\tb',
  'https://app.example.com/a\nb',
  'https://app.example.com/a\rb',
  'https://app.example.com/a\0b',
  ' https://app.example.com/callback',
  'https://app.example.com/callback ',
  'java\nscript:alert(1)',
  'https://app.example.com/"onload="x',
  'https://app.example.com/<script>',
  'https://app.example.com/\u202ekcabllac',
  'https://app.example.com/%zz',
  'https://app.example.com/%',
  `https://app.example.com/${'a'.repeat(2048)}`,
];

const goodRedirects = [
  'https://app.example.com',
  'https://app.example.com/',
  'https://app.example.com/callback',
  'https://app.example.com:8443/call-back_1.x~y',
  'https://app.example.com/callback?tenant=1&x=a%20b',
  'https://app.example.com/a;b=c/(d)',
  'https://app.example.com/.well-known/callback',
  'https://xn--pp-eka.example.com/callback',
  'https://10.1.2.3/callback',
  'https://[2001:db8::1]/callback',
  'http://localhost/callback',
  'http://localhost:3000/callback',
  'http://127.0.0.1/callback',
  'http://127.0.0.1:51234/callback',
  'http://[::1]:8080/callback',
  'com.example.app:/callback',
  'com.example.app://callback',
  'io.github.some-body.app:/oauth/callback',
];

describe('redirect URIs', () => {
  it.each(hostileRedirects)('refuses %j', (uri) => {
    expect(faultInRedirectUri(uri)).toEqual(expect.any(String));
  });

  it.each(goodRedirects)('accepts %j', (uri) => {
    expect(faultInRedirectUri(uri)).toBeUndefined();
  });

  it('accepts only what is https, http on loopback, or a private-use scheme, whatever it is made of', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'https',
        'http',
        'HTTPS',
        'javascript',
        'data',
        'com.example',
        ':',
        '/',
        '//',
        '\\',
        '@',
      ),
      fc.constantFrom(
        '?',
        '#',
        '%2e',
        '..',
        '.',
        ';',
        '*',
        'localhost',
        '127.0.0.1',
        'app.example.com',
        '\n',
        '\0',
      ),
      fc.string({ maxLength: 4, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const text = parts.join('');
        if (faultInRedirectUri(text) !== undefined) return;
        const url = new URL(text);
        const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
        const scheme =
          url.protocol === 'https:' ||
          (url.protocol === 'http:' && local) ||
          /^[a-z].*\..*:$/.test(url.protocol);
        expect(scheme).toBe(true);
        expect([url.username, url.password, url.hash]).toEqual(['', '', '']);
        expect(text).toMatch(/^[\x21-\x7e]+$/);
        expect(text).not.toMatch(/[*\\#]/);
        // Every parser reads what is compared: serialising it changes nothing but an empty path.
        expect(url.href.replace(/\/$/, '')).toBe(text.replace(/\/$/, ''));
      }),
      { numRuns: 5_000 },
    );
  });

  it('accepts every plain https address with a path', () => {
    const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
    const segment = fc.stringMatching(/^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,10}$/);
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 2, maxLength: 4 }),
        fc.array(segment, { maxLength: 4 }),
        (host, path) => {
          // A last label that reads as a number would make the host an IPv4 address (URL Standard 3.5).
          fc.pre(!/^\d|^0x/.test(host.at(-1) ?? '') && !host.some((name) => name.startsWith('xn--')));
          expect(faultInRedirectUri(`https://${host.join('.')}/${path.join('/')}`)).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    ['web', 'com.example.app:/callback'],
    ['native', 'https://localhost/callback'],
    ['native', 'https://127.0.0.1/callback'],
    ['native', 'https://[::1]/callback'],
  ] as const)('refuses for a %s app %s', (type, uri) => {
    expect(faultInRedirectUriOf(type, uri)).toEqual(expect.any(String));
  });

  it.each([
    ['web', 'https://app.example.com/callback'],
    ['web', 'http://localhost:3000/callback'],
    ['native', 'com.example.app:/callback'],
    ['native', 'http://127.0.0.1/callback'],
    ['native', 'https://app.example.com/callback'],
  ] as const)('accepts for a %s app %s', (type, uri) => {
    expect(faultInRedirectUriOf(type, uri)).toBeUndefined();
  });
});

describe('other addresses', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'http://app.example.com/',
    'https://a@b.example/',
    '/logo.png',
  ])('refuses %j as the address of a page', (uri) => {
    expect(faultInWebUri(uri, { fragment: 'allowed' })).toEqual(expect.any(String));
  });

  it('lets people, but no program, be sent into the middle of a document', () => {
    expect(faultInWebUri('https://app.example.com/#terms', { fragment: 'allowed' })).toBeUndefined();
    expect(faultInWebUri('https://app.example.com/#keys', { fragment: 'refused' })).toEqual(
      expect.any(String),
    );
  });

  it('can insist on https', () => {
    expect(faultInWebUri('http://localhost/', { fragment: 'refused', httpsOnly: true })).toBe('Use https.');
  });

  it.each(['https://app.example.com', 'http://localhost:3000', 'https://app.example.com:8443'])(
    'accepts %s as an origin',
    (origin) => {
      expect(faultInOrigin(origin)).toBeUndefined();
    },
  );

  it.each([
    'https://app.example.com/',
    'https://app.example.com/x',
    'http://app.example.com',
    '*',
    'null',
    'com.example.app:/',
  ])('refuses %s as an origin', (origin) => {
    expect(faultInOrigin(origin)).toEqual(expect.any(String));
  });
});
