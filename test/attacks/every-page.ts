import { addAccount, registerApp, shown } from '../flows/protocol/app.ts';
import type { HttpResponse } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import type { Attacked } from './fixture.ts';

export interface SeenPage {
  /** What is seen there. */
  name: string;
  headers: HttpResponse['headers'];
  html: string;
}

const html = { accept: 'text/html' };

/** Every page that the server has, with its errors, as it is answered. */
export async function openEveryPage(attacked: Attacked): Promise<SeenPage[]> {
  return [
    ...(await openByAddress(attacked)),
    ...(await openOnTheWay(attacked)),
    ...(await openAsDevice(attacked)),
  ];
}

const keep = (name: string, { headers, text }: HttpResponse): SeenPage => ({ name, headers, html: text });

async function openByAddress({ send }: Attacked): Promise<SeenPage[]> {
  const addresses = [
    '/',
    '/account',
    '/account/signed-out',
    '/admin',
    '/api/admin/v1/',
    '/dev/mailbox',
    '/first-admin',
    '/first-admin?token=x',
    '/sign-up',
    '/verify-email',
    '/verify-email?token=x',
    '/invitation?token=x',
    '/account/verify-email',
    '/device',
    '/device?user_code=AAAA-BBBB',
    '/device/nobody',
    '/interaction/nobody',
    '/oauth2/authorize',
    '/oauth2/authorize?client_id=nobody&redirect_uri=https://evil.example',
    '/oauth2/authorize?client_id=c1&redirect_uri=https://evil.example',
    '/oauth2/authorize?state=%00',
    '/oauth2/authorize/nobody',
    '/oauth2/logout',
    '/oauth2/logout?client_id=nobody',
    '/oauth2/logout?id_token_hint=x',
    '/oauth2/logout/success',
    '/oauth2/logout/success?client_id=c4',
    '/nowhere',
    '/assets/nowhere',
    `/${'a'.repeat(15_000)}`,
  ];
  const pages = addresses.map(async (path) => keep(path.slice(0, 80), await send(path, { headers: html })));
  const posted = [
    '/account',
    '/interaction/nobody/login',
    '/first-admin',
    '/sign-up',
    '/verify-email',
    '/invitation',
    '/device',
    '/oauth2/logout/confirm',
  ].map(async (path) => keep(`POST ${path}`, await send(path, { method: 'POST', headers: html })));
  const elsewhere = await send('/account', { method: 'POST', headers: { ...html, host: 'evil.example' } });
  return [...(await Promise.all([...pages, ...posted])), keep('wrong host', elsewhere)];
}

async function openOnTheWay({ issuer, apps, servers }: Attacked): Promise<SeenPage[]> {
  const who = await addAccount(servers[0], 'on-the-way@example.org');
  const person = makePerson(issuer);
  const look = (name: string): SeenPage => ({
    name,
    headers: person.page().headers,
    html: person.page().html,
  });
  const pages: SeenPage[] = [];
  await person.visit(apps.c4.begin().url);
  pages.push(look('sign-in'));
  shown(await person.signIn({ ...who, password: 'wrong' }));
  pages.push(look('wrong password'));
  shown(await person.signIn(who));
  pages.push(look('consent'));
  const { url } = apps.c1.begin({ response_mode: 'form_post' });
  shown(await person.visit(url));
  pages.push(look('form_post to an app'));
  shown(await person.visit(apps.c1.begin({ response_mode: 'form_post', prompt: 'consent login' }).url));
  pages.push(look('sign-in once more'));
  shown(await person.visit('/oauth2/logout'));
  pages.push(look('sign-out'));
  shown(await person.submit({}, { button: 'yes' }));
  pages.push(look('signed out'));
  return pages;
}

async function openAsDevice({ issuer, servers, people }: Attacked): Promise<SeenPage[]> {
  const device = await registerApp(servers[0], {
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: [],
    token_endpoint_auth_method: 'none',
    skip_consent: true,
  });
  const { body } = await device.post('device_authorization', { scope: 'openid' });
  const person = makePerson(issuer);
  const look = (name: string): SeenPage => ({
    name,
    headers: person.page().headers,
    html: person.page().html,
  });
  const pages: SeenPage[] = [];
  await person.visit('/device');
  await person.submit({ user_code: 'AAAA-AAAA' });
  pages.push(look('wrong device code'));
  await person.submit({ user_code: String(body.user_code) });
  pages.push(look('device confirmation'));
  await person.submit({ confirm: 'yes' });
  await person.signIn(people.user);
  pages.push(look('device done'));
  return pages;
}
