import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addAccount, asksFor, registerApp, sentBack, shown } from '../flows/protocol/app.ts';
import type { HttpResponse } from '../support/http.ts';
import { makePerson, type Page, type Person } from '../support/person.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { expectRefusal } from './refusal.ts';

/** A form as it stands before a person. */
interface OpenForm {
  person: Person;
  url: URL;
  fields: Record<string, string>;
  /** The field with the token against forged requests. */
  token: 'csrf' | 'xsrf';
}

interface Forgery {
  fields?: Record<string, string>;
  headers?: Record<string, string>;
  cookie?: string;
}

const type = 'application/x-www-form-urlencoded';

describe('attacks on forms', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked();
  });
  afterAll(() => attacked.dispose());

  const post = ({ person, url, fields }: OpenForm, forgery: Forgery = {}): Promise<HttpResponse> => {
    const cookie = forgery.cookie ?? person.jar.header(url) ?? '';
    return attacked.send(url.pathname + url.search, {
      method: 'POST',
      headers: {
        accept: 'text/html',
        'content-type': type,
        origin: attacked.issuer,
        'sec-fetch-site': 'same-origin',
        ...(cookie === '' ? {} : { cookie }),
        ...forgery.headers,
      },
      body: new URLSearchParams(forgery.fields ?? fields).toString(),
    });
  };

  function openForm(person: Person, page: Page, action: string, extra: Record<string, string>): OpenForm {
    const form = page.forms.find(
      (candidate) => candidate.method === 'post' && candidate.action.includes(action),
    );
    if (form === undefined) throw new Error(`no form for ${action} on a page that says: ${page.text}`);
    return {
      person,
      url: new URL(form.action, page.url),
      fields: { ...form.values, ...extra },
      token: form.fields.includes('csrf') ? 'csrf' : 'xsrf',
    };
  }

  /** Somebody new, who has agreed to nothing yet. */
  const newcomer = () => addAccount(attacked.servers[0], `${randomUUID()}@example.org`);

  const open = {
    async 'sign-in'() {
      const person = makePerson(attacked.issuer);
      const page = shown(await person.visit(attacked.apps.c4.begin().url));
      const { username, password } = await newcomer();
      return openForm(person, page, '/login', { username, password });
    },
    async cancelling() {
      const person = makePerson(attacked.issuer);
      return openForm(person, shown(await person.visit(attacked.apps.c4.begin().url)), '/cancel', {});
    },
    async consent() {
      const person = makePerson(attacked.issuer);
      await person.visit(attacked.apps.c4.begin().url);
      const page = shown(await person.signIn(await newcomer()));
      return openForm(person, page, '/consent', { decision: 'allow' });
    },
    async 'sign-out'() {
      const person = makePerson(attacked.issuer);
      await attacked.apps.c1.signIn(person, attacked.people.user);
      return openForm(person, shown(await person.visit('/oauth2/logout')), '/oauth2/logout/confirm', {
        logout: 'yes',
      });
    },
    async 'device code'() {
      const person = makePerson(attacked.issuer);
      return openForm(person, shown(await person.visit('/device')), '/device', { user_code: 'AAAA-AAAA' });
    },
  };
  const names = Object.keys(open) as (keyof typeof open)[];

  describe('C03', () => {
    /** What the audit log says when the token does not fit, and when the request comes from elsewhere. */
    const audits = (form: OpenForm) => ({
      token: { type: form.token === 'csrf' ? 'csrf.refused' : 'protocol.error' },
      source: { type: 'csrf.refused' },
    });

    const without = (fields: Record<string, string>, name: string) =>
      Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));

    it.each(names)('C03 the form for %s is refused without the token of this very form', async (name) => {
      const form = await open[name]();
      const somebodyElses = await open[name]();
      const forgeries: Forgery[] = [
        { fields: without(form.fields, form.token) },
        { fields: { ...form.fields, [form.token]: '' } },
        { fields: { ...form.fields, [form.token]: 'x'.repeat(43) } },
        { fields: { ...form.fields, [form.token]: somebodyElses.fields[form.token] ?? '' } },
      ];
      for (const forgery of forgeries)
        await expectRefusal(attacked, { status: 403, audit: audits(form).token }, () => post(form, forgery));
    });

    it.each(names)('C03 the form for %s is refused from another site, even with its token', async (name) => {
      const form = await open[name]();
      const forgeries: Forgery[] = [
        { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } },
        { headers: { origin: 'https://evil.example', 'sec-fetch-site': '' } },
        { headers: { origin: 'null' } },
        { headers: { origin: `${attacked.issuer}.evil.example` } },
        { headers: { origin: attacked.issuer.replace('http:', 'https:') } },
        { headers: { origin: '', 'sec-fetch-site': 'cross-site' } },
        { headers: { origin: '', 'sec-fetch-site': 'same-site' } },
      ];
      for (const forgery of forgeries)
        await expectRefusal(attacked, { status: 403, audit: audits(form).source }, () => post(form, forgery));
    });

    it.each(names)('C03 the form for %s is refused as text, which any site can send', async (name) => {
      const form = await open[name]();
      for (const foreignType of [
        'text/plain',
        'text/plain; charset=utf-8',
        'multipart/form-data; boundary=x',
      ]) {
        const forgery = { headers: { 'content-type': foreignType } };
        await expectRefusal(attacked, { status: 403, audit: audits(form).token }, () => post(form, forgery));
      }
    });

    it.each(['sign-in', 'cancelling', 'consent'] as const)(
      'C03 the form for %s is refused without the cookie that its token belongs to',
      async (name) => {
        const form = await open[name]();
        const cookie = (form.person.jar.header(form.url) ?? '')
          .split('; ')
          .filter((pair) => !pair.startsWith('gatehouse_csrf='))
          .join('; ');
        const audit = { type: 'csrf.refused' };
        await expectRefusal(attacked, { status: 403, audit }, () => post(form, { cookie }));
      },
    );

    it.each(['sign-out', 'device code'] as const)(
      'C03 the form for %s is refused without any cookie, and begins no session',
      async (name) => {
        const form = await open[name]();
        const audit = { type: 'protocol.error' };
        const answer = await expectRefusal(attacked, { status: 403, audit }, () =>
          attacked.send(form.url.pathname, {
            method: 'POST',
            headers: { accept: 'text/html', 'content-type': type },
            body: new URLSearchParams(form.fields).toString(),
          }),
        );
        expect(answer.setCookies).toEqual([]);
      },
    );

    it('C03 the form for the first administrator is refused without its token', async () => {
      const audit = { type: 'csrf.refused' };
      const body = new URLSearchParams({ token: 'x', email: 'evil@example.org', password: 'p'.repeat(20) });
      await expectRefusal(attacked, { status: 403, audit }, () =>
        attacked.send('/first-admin', {
          method: 'POST',
          headers: { accept: 'text/html', 'content-type': type },
          body: body.toString(),
        }),
      );
    });

    it.each(names)('C03 the form for %s still works after all refusals', async (name) => {
      const form = await open[name]();
      await post(form, { headers: { origin: 'https://evil.example' } });
      await post(form, { fields: { ...form.fields, [form.token]: 'x' } });
      const answer = await post(form);
      // A device code that does not exist is refused for what it is.
      expect(answer.status).toBe(name === 'device code' ? 422 : 200);
    });
  });

  describe('C02', () => {
    it('C02 a sign-in that one browser began cannot be looked at, taken on or ended by another', async () => {
      const form = await open['sign-in']();
      const attacker = await open['sign-in']();
      const { pathname, search } = form.url;
      const uid = pathname.split('/')[2] ?? '';
      const cookies = [
        '',
        attacker.person.jar
          .all()
          .map(({ name, value }) => `${name}=${value}`)
          .join('; '),
      ];
      for (const cookie of cookies) {
        const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) };
        for (const path of [
          `/interaction/${uid}`,
          `/interaction/${uid}/consent`,
          `/interaction/${uid}/login`,
        ]) {
          const seen = await attacked.send(path + search, { headers });
          expect(seen.status).toBe(400);
          expect(seen.text).toContain('Please start again');
          expect(seen.text).not.toContain('<form');
        }
        for (const step of ['login', 'consent', 'cancel']) {
          const url = new URL(`/interaction/${uid}/${step}`, form.url);
          const answer = await post({ ...form, url }, { cookie });
          expect(answer.status).toBe(400);
          expect(answer.headers).not.toHaveProperty('location');
        }
      }
      // The one who began it goes on undisturbed.
      const own = await post(form);
      expect(own.status).toBe(200);
      const consent = shown(await form.person.visit(`/oauth2/authorize/${uid}`));
      expect(consent.text).toContain('would like to');
    });

    it('C02 where a finished sign-in leads to gives no code to another browser', async () => {
      const app = attacked.apps.c1;
      const person = makePerson(attacked.issuer);
      const page = shown(await person.visit(app.begin().url));
      const form = openForm(person, page, '/login', {
        username: attacked.people.user.username,
        password: attacked.people.user.password,
      });
      expect((await post(form)).status).toBe(200);
      const uid = form.url.pathname.split('/')[2] ?? '';
      const stranger = makePerson(attacked.issuer);
      await app.signIn(stranger, attacked.people.admin);
      for (const other of [makePerson(attacked.issuer), stranger]) {
        const seen = shown(await other.visit(`/oauth2/authorize/${uid}`));
        expect(seen).toMatchObject({ status: 400, text: expect.stringContaining('Please start again') });
      }
      expect(sentBack(await person.visit(`/oauth2/authorize/${uid}`))).toHaveProperty('code');
    });

    it('C02 an approval page for a device cannot be reached by its address alone', async () => {
      for (const path of ['/device/guessed', `/device/${'a'.repeat(43)}`]) {
        const audit = { type: 'protocol.error' };
        const answer = await expectRefusal(attacked, { status: 400, audit }, () =>
          attacked.send(path, { headers: { accept: 'text/html' } }),
        );
        expect(answer.text).toContain('Please start again');
      }
    });
  });

  describe('C04', () => {
    const changing = ['GET', 'HEAD'].flatMap((method) =>
      [
        '/oauth2/token?grant_type=client_credentials&client_id=c2',
        '/oauth2/revoke?token=x&client_id=c1',
        '/oauth2/introspect?token=x',
        '/oauth2/par?client_id=c1',
        '/oauth2/device_authorization?client_id=c1',
        '/oauth2/logout/confirm?logout=yes',
      ].map((path): [string, string] => [method, path]),
    );

    it.each(changing)('C04 %s %s is answered with 405', async (method, path) => {
      const before = await attacked.database.counts();
      const answer = await attacked.send(path, { method });
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST', 'cache-control': 'no-store' } });
      expect(await attacked.database.counts()).toEqual(before);
    });

    it('C04 opening the address of a step only shows it', async () => {
      const form = await open.consent();
      const before = await attacked.database.counts();
      const cookie = form.person.jar.header(form.url) ?? '';
      for (const method of ['GET', 'HEAD']) {
        for (const step of ['login', 'consent', 'cancel']) {
          const path = `${form.url.pathname.replace(/consent$/, step)}?${new URLSearchParams(form.fields).toString()}`;
          const answer = await attacked.send(path, {
            method,
            headers: { cookie, 'x-http-method-override': 'POST' },
          });
          expect(answer.status).toBe(200);
        }
      }
      expect(await attacked.database.counts()).toEqual(before);
    });

    it('C04 opening the address of the sign-out ends no session, whatever it carries', async () => {
      const form = await open['sign-out']();
      const query = new URLSearchParams({ ...form.fields, _method: 'POST' }).toString();
      for (const path of ['/oauth2/logout', '/oauth2/logout/confirm', '/oauth2/logout/success'])
        await form.person.visit(`${path}?${query}`);
      const again = await form.person.visit(attacked.apps.c1.begin({ prompt: 'none' }).url);
      expect(sentBack(again)).toHaveProperty('code');
    });

    it('C04 opening the address with a device code connects no device', async () => {
      const device = await registerApp(attacked.servers[0], {
        client_id: 'tv',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
        redirect_uris: [],
        token_endpoint_auth_method: 'none',
      });
      const begun = await device.post('device_authorization', { scope: 'openid' });
      const person = makePerson(attacked.issuer);
      await attacked.apps.c1.signIn(person, attacked.people.user);
      const userCode = String(begun.body.user_code);
      const seen = await person.visit(`/device?user_code=${userCode}&confirm=yes`);
      expect(asksFor(seen, 'user_code')).toBe(true);
      const polled = await device.post('token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: String(begun.body.device_code),
      });
      expect(polled).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
    });
  });
});
