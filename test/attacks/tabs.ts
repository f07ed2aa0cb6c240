import type { App } from '../flows/protocol/app.ts';
import { readForms, readRefresh } from '../support/html.ts';
import type { Page, Person } from '../support/person.ts';
import type { Attempt, TokenAnswer } from '../support/relying-party.ts';
import type { Arena } from './arena.ts';
import { type RawAnswer, rawGet, rawPost } from './barrier.ts';

/** A request that a tab is about to send, and the sign-in that it belongs to. */
export interface Tab {
  app: App;
  attempt: Attempt;
  request: string;
}

/** In the place of an answer that did not come. */
export const nothing: RawAnswer = { status: 0, body: '', location: undefined, setCookies: [], at: 0 };

/** Of a person who is signed in: one request, no page. */
export function silently(arena: Arena, person: Person, app: App, extra: Record<string, string> = {}): Tab {
  const attempt = app.begin({ prompt: 'none', ...extra });
  return { app, attempt, request: opening(arena, person, attempt.url) };
}

/** A page of the server, as this person's browser asks for it. */
export function opening(arena: Arena, person: Person, url: URL): string {
  const cookie = person.jar.header(url);
  return rawGet(arena.host, `${url.pathname}${url.search}`, cookie === undefined ? {} : { cookie });
}

/** The form on the page before this person that has these fields, filled in. */
export function sending(
  arena: Arena,
  person: Person,
  fields: Record<string, string>,
  page: Page = person.page(),
): string {
  const form = readForms(page.html).find(({ fields: has, buttons }) =>
    Object.keys(fields).every((field) => has.includes(field) || buttons.some(({ name }) => name === field)),
  );
  if (form === undefined) throw new Error(`No such form on ${page.url.href}: ${page.text}`);
  const target = new URL(form.action === '' ? page.url.href : form.action, page.url);
  const headers = {
    cookie: person.jar.header(target) ?? '',
    origin: page.url.origin,
    referer: page.url.href,
    'sec-fetch-site': 'same-origin',
  };
  return rawPost(arena.host, `${target.pathname}${target.search}`, headers, { ...form.values, ...fields });
}

/** Where the page that ends a step leads on to. */
export function leadsTo(arena: Arena, { status, body }: RawAnswer): URL {
  const href = status === 200 ? readRefresh(body) : undefined;
  if (href === undefined) throw new Error(`This page leads nowhere: ${status} ${body}`);
  return new URL(href, arena.issuer);
}

/** What the app was told; undefined when the person was not sent back to it. */
export function toldTo({ app }: Pick<Tab, 'app'>, { location }: RawAnswer): URLSearchParams | undefined {
  const url = location === undefined ? null : URL.parse(location);
  return url?.href.startsWith(app.registration.redirectUri) ? url.searchParams : undefined;
}

/** Redeems the code that came back; undefined when there came none. */
export async function redeem(tab: Tab, answer: RawAnswer): Promise<TokenAnswer | undefined> {
  if (toldTo(tab, answer)?.has('code') !== true) return undefined;
  return tab.app.redeem(tab.attempt, { kind: 'elsewhere', url: new URL(answer.location ?? '') });
}

/** Takes what the answers set as cookies, in the order in which they came. */
export function receive(arena: Arena, person: Person, answers: readonly RawAnswer[]): void {
  for (const { setCookies } of [...answers].sort((a, b) => a.at - b.at)) {
    person.jar.store(new URL(arena.issuer), setCookies);
  }
}

/** Whether this browser is signed in, as an app finds out. */
export async function isSignedIn(person: Person, app: App): Promise<boolean> {
  const seen = await person.visit(app.begin({ prompt: 'none' }).url);
  if (seen.kind === 'page') throw new Error(`Not sent back, but shown ${seen.url.href}: ${seen.text}`);
  return seen.url.searchParams.has('code');
}

/** Which of these tokens still open something, or bring others. */
export async function alive(answers: readonly [App, TokenAnswer][]): Promise<string[]> {
  const given = answers.filter(([, { status }]) => status === 200);
  const found = await Promise.all(
    given.map(async ([app, { body }]) => {
      const userinfo = await app.userinfo(body.access_token ?? '');
      const refresh = await app.refresh(body.refresh_token ?? '');
      return [
        ...(userinfo.status === 401
          ? []
          : [`access token of ${app.registration.clientId}: ${userinfo.status}`]),
        ...(refresh.body.error === 'invalid_grant'
          ? []
          : [`refresh token of ${app.registration.clientId}: ${refresh.status}`]),
      ];
    }),
  );
  return found.flat();
}

/** How many rows of these models an account has. */
export async function rowsOf(
  arena: Arena,
  sub: string,
  models: readonly string[],
): Promise<number | undefined> {
  const list = models.map((model) => `'${model}'`).join(', ');
  const rows = await arena.database?.rows(
    `select 1 from oidc_artifact where account_id = '${sub}' and model in (${list})`,
  );
  return rows?.length;
}
