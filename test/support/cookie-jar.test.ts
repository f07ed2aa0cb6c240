import { describe, expect, it } from '@jest/globals';
import { makeCookieJar } from './cookie-jar.ts';

const site = new URL('https://id.example/auth/login');

describe('a cookie jar', () => {
  it.each([
    ['the same path', 'https://id.example/auth/login', 'a=1'],
    ['a path below', 'https://id.example/auth/login/x', 'a=1'],
    ['a path that only begins alike', 'https://id.example/auth/loginx', undefined],
    ['another host', 'https://evil.example/auth/login', undefined],
    ['http', 'http://id.example/auth/login', undefined],
    ['another port of the host', 'https://id.example:8443/auth/login', 'a=1'],
  ])('decides about a secure cookie for %s', (_where, url, sent) => {
    const jar = makeCookieJar();
    jar.store(site, ['a=1; Path=/auth/login; Secure; HttpOnly; SameSite=Lax']);
    expect(jar.header(new URL(url))).toBe(sent);
  });

  it('drops a cookie when it expires and when the server ends it', () => {
    let now = 1_000_000;
    const jar = makeCookieJar(() => now);
    jar.store(site, ['a=1; Path=/; Max-Age=10', 'b=2; Path=/', 'c=3; Path=/']);
    jar.store(site, ['c=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.header(site)).toBe('a=1; b=2');
    now += 10_001;
    expect(jar.header(site)).toBe('b=2');
  });

  it.each([
    ['__Host-a=1; Path=/'],
    ['__Host-a=1; Path=/auth; Secure'],
    ['__Secure-a=1; Path=/auth'],
    ['a=1; SameSite=None'],
    ['a=1; Domain=example'],
  ])('refuses %s', (line) => {
    expect(() => makeCookieJar().store(site, [line])).toThrow(/A browser refuses/);
  });
});
