import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ProxiedGatehouse, startBehindProxy } from '../flows/protocol/behind-proxy.ts';
import { makePerson, type Person } from '../support/person.ts';
import { accountPage, makeRelyingParty } from '../support/relying-party.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const name = 'gatehouse_session';

describe('attacks with cookies', () => {
  let attacked: Attacked;
  let person: Person;
  beforeAll(async () => {
    attacked = await startAttacked();
    person = makePerson(attacked.issuer);
    await attacked.apps.c1.signIn(person, attacked.people.user);
  });
  afterAll(() => attacked.dispose());

  const cookies = () => ({
    session: person.jar.get(name)?.value ?? '',
    signature: person.jar.get(`${name}.sig`)?.value ?? '',
  });

  /** Who the server takes the bearer of this Cookie header for, as a silent request shows it. */
  async function isKnown(cookie: string, process: 0 | 1 = 0): Promise<boolean> {
    const { url } = attacked.apps.c1.begin({ prompt: 'none' });
    const answer = await attacked.send(url.pathname + url.search, { process, headers: { cookie } });
    expect(answer.status).toBe(303);
    const back = new URL(answer.headers.location ?? '').searchParams;
    if (!back.has('code')) expect(back.get('error')).toBe('login_required');
    return back.has('code');
  }

  describe('C06', () => {
    let proxied: ProxiedGatehouse;
    beforeAll(async () => {
      proxied = await startBehindProxy();
    });
    afterAll(() => proxied.server.dispose());

    it('C06 under https every cookie is Secure, HttpOnly and SameSite, bound to this host, and small', async () => {
      const browser = proxied.openBrowser();
      const app = makeRelyingParty(proxied.issuer, accountPage(proxied.issuer));
      const { email: username, password } = proxied.server.bootstrap;
      const left = await browser.submit(await browser.visit(app.begin().url), { username, password });
      expect(left.url.searchParams.has('code')).toBe(true);
      await browser.visit('/oauth2/logout');
      await browser.visit('/device');
      const names = new Set<string>();
      for (const line of browser.setCookies) {
        const [pair = '', ...attributes] = line.toLowerCase().split(/; ?/);
        const path = attributes.find((attribute) => attribute.startsWith('path='))?.slice(5);
        names.add(pair.split('=', 1)[0] ?? '');
        expect(pair).toMatch(path === '/' ? /^__host-/ : /^__secure-/);
        expect(attributes).toEqual(expect.arrayContaining(['secure', 'httponly', 'samesite=lax']));
        expect(line).not.toMatch(/domain=/i);
        expect(line.length).toBeLessThan(4096);
      }
      const known = ['__host-gatehouse_csrf', '__host-gatehouse_session', '__host-gatehouse_session.sig'];
      const ofInteraction = ['__secure-gatehouse_interaction', '__secure-gatehouse_resume'];
      expect([...names]).toEqual(expect.arrayContaining([...known, ...ofInteraction]));
    });

    it('C06 a cookie of another name, as any page of a sibling host can set it, is nobody', async () => {
      const browser = proxied.openBrowser();
      const app = makeRelyingParty(proxied.issuer, accountPage(proxied.issuer));
      const { email: username, password } = proxied.server.bootstrap;
      await browser.submit(await browser.visit(app.begin().url), { username, password });
      const session = browser.jar.get(`__Host-${name}`)?.value ?? '';
      const signature = browser.jar.get(`__Host-${name}.sig`)?.value ?? '';
      const silent = async (prefix: string) => {
        const { url } = app.begin({ prompt: 'none' });
        const cookie = `${prefix}${name}=${session}; ${prefix}${name}.sig=${signature}`;
        const { headers } = await proxied.send(url.pathname + url.search, { headers: { cookie } });
        return new URL(headers.location ?? '').searchParams.get('error');
      };
      await expect(silent('__Host-')).resolves.toBeNull();
      for (const prefix of ['', '__Secure-', '__host-'])
        await expect(silent(prefix)).resolves.toBe('login_required');
    });

    it('C06 a session cookie that comes twice is nobody, whichever is first', async () => {
      const { session, signature } = cookies();
      const attacker = makePerson(attacked.issuer);
      await attacked.apps.c1.signIn(attacker, attacked.people.admin);
      const tossed = `${name}=${attacker.jar.get(name)?.value}; ${name}.sig=${attacker.jar.get(`${name}.sig`)?.value}`;
      const own = `${name}=${session}; ${name}.sig=${signature}`;
      await expect(isKnown(own)).resolves.toBe(true);
      await expect(isKnown(`${tossed}; ${own}`)).resolves.toBe(false);
      await expect(isKnown(`${own}; ${tossed}`)).resolves.toBe(false);
      await expect(isKnown(`${name}=x; ${own}`)).resolves.toBe(false);
      await expect(isKnown(`${own}; ${name}=x`)).resolves.toBe(false);
      // Two cookies of somebody else's are none of our business.
      await expect(isKnown(`theirs=1; theirs=2; ${own}`)).resolves.toBe(true);
    });

    it('C06 endless cookies are refused or nobody, and never an error of ours', async () => {
      const { session, signature } = cookies();
      const own = `${name}=${session}; ${name}.sig=${signature}`;
      await expect(isKnown(`${name}=${'a'.repeat(12_000)}`)).resolves.toBe(false);
      await expect(
        isKnown(`${Array.from({ length: 500 }, (_, index) => `a${index}=b; `).join('')}${own}`),
      ).resolves.toBe(true);
      const tooMuch = await attacked.send('/account', {
        headers: { cookie: `${name}=${'a'.repeat(20_000)}` },
      });
      expect(tooMuch.status).toBe(431);
    });
  });

  describe('C07', () => {
    it('C07 a session cookie with a character changed in it or in its signature is nobody, on both processes', async () => {
      const { session, signature } = cookies();
      const changes = (text: string) =>
        text
          .split('')
          .flatMap((character, index) =>
            ['A', '-', 'z']
              .filter((other) => other !== character)
              .map((other) => text.slice(0, index) + other + text.slice(index + 1)),
          );
      const all = [
        ...changes(session).map((changed) => `${name}=${changed}; ${name}.sig=${signature}`),
        ...changes(signature).map((changed) => `${name}=${session}; ${name}.sig=${changed}`),
      ];
      for (const process of [0, 1] as const)
        await expect(isKnown(`${name}=${session}; ${name}.sig=${signature}`, process)).resolves.toBe(true);
      for (const [index, cookie] of all.entries())
        await expect(isKnown(cookie, index % 2 === 0 ? 0 : 1)).resolves.toBe(false);
      expect(all.length).toBeGreaterThan(100);
    });

    it('C07 a cookie without signature, with a foreign or borrowed one, or that is nonsense is nobody', async () => {
      const { session, signature } = cookies();
      const csrf = person.jar.get('gatehouse_csrf')?.value ?? '';
      const fresh = makePerson(attacked.issuer);
      await fresh.visit(attacked.apps.c1.begin().url);
      const interaction = fresh.jar.get('gatehouse_interaction')?.value ?? '';
      const ofInteraction = fresh.jar.get('gatehouse_interaction.sig')?.value ?? '';
      expect(interaction).not.toBe('');
      const foreign = (algorithm: string, encoding: 'base64url' | 'hex') =>
        createHmac(algorithm, randomBytes(32)).update(`${name}=${session}`).digest(encoding);
      const nonsense = [
        `${name}=${session}`,
        `${name}.sig=${signature}`,
        `${name}=${session}; ${name}.sig=`,
        `${name}=; ${name}.sig=${signature}`,
        `${name}=${session}; ${name}.sig=${foreign('sha1', 'base64url')}`,
        `${name}=${session}; ${name}.sig=${foreign('sha256', 'base64url')}`,
        `${name}=${session}; ${name}.sig=${foreign('sha256', 'hex')}`,
        `${name}=${interaction}; ${name}.sig=${ofInteraction}`,
        `${name}=${csrf}; ${name}.sig=${signature}`,
        `${name}=${randomBytes(32).toString('base64url')}; ${name}.sig=${signature}`,
        `${name}=${session}%00; ${name}.sig=${signature}`,
        `${name}=%; ${name}.sig=%`,
        `${name}; ${name}.sig`,
        `=${session}`,
        ';;;=;=;',
        `${name}=\u00e9\u00ff; ${name}.sig=\u00e9`,
        `${name}={"$gt":""}; ${name}.sig=[]`,
        `${name}=__proto__; __proto__=${session}`,
        `${name.toUpperCase()}=${session}; ${name.toUpperCase()}.sig=${signature}`,
        `${name}=' or 1=1 --; ${name}.sig=${signature}`,
        `${name}=../../etc/passwd; ${name}.sig=${signature}`,
      ];
      for (const cookie of nonsense)
        expect({ cookie, known: await isKnown(cookie) }).toEqual({ cookie, known: false });
    });

    it('C07 pages and APIs take a forged cookie for nobody, too', async () => {
      const { session } = cookies();
      const cookie = `${name}=${session}; ${name}.sig=forged; gatehouse_csrf=%00; gatehouse_interaction=x; gatehouse_resume=x`;
      const expected: [path: string, status: number][] = [
        ['/', 200],
        ['/account', 200],
        ['/device', 200],
        ['/oauth2/logout', 200],
        ['/interaction/x', 400],
        ['/oauth2/authorize/x', 400],
        ['/api/admin/v1/users', 401],
        ['/oauth2/userinfo', 401],
      ];
      for (const [path, status] of expected)
        await expect(attacked.send(path, { headers: { cookie } })).resolves.toMatchObject({ status });
    });
  });
});
