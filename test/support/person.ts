import type { IncomingHttpHeaders } from 'node:http';
import { type CookieJar, makeCookieJar } from './cookie-jar.ts';
import { type Form, readForms, readRefresh, readText } from './html.ts';
import { exchange, type HttpResponse } from './http.ts';

/** A page of the server under test, as it stands before the person. */
export interface Page {
  kind: 'page';
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  html: string;
  /** The words on it. */
  text: string;
  forms: Form[];
}

/** The server has sent the person to somebody else, such as an app's callback. That address was not opened. */
export interface Elsewhere {
  kind: 'elsewhere';
  url: URL;
}

export interface SubmitOptions {
  /** Value or words of the button that is pressed. Left out, the form goes off as if by the enter key. */
  button?: string;
  /** Part of the action of the form that is meant; needed when a page has several with the same fields. */
  action?: string;
}

/** Somebody at a browser without script, with cookies of their own. */
export interface Person {
  jar: CookieJar;
  /** The last page that came. */
  page(): Page;
  /** Opens an address and follows where it leads, by redirects and by refreshing pages. */
  visit(url: URL | string): Promise<Page | Elsewhere>;
  /**
   * Fills in the form of the present page that has all these fields, and sends it off.
   *
   * @throws when the page has no such form, with the page's words, which usually say why.
   */
  submit(fields: Record<string, string>, options?: SubmitOptions): Promise<Page | Elsewhere>;
  signIn(who: { username: string; password: string }): Promise<Page | Elsewhere>;
}

export interface PersonOptions {
  jar?: CookieJar;
  /** Sent with each request: `Accept-Language` and the like. */
  headers?: Record<string, string>;
  /** Certificates to trust instead of the system's. */
  ca?: string;
  /** Is told of each request before it is sent. */
  onRequest?: (method: 'GET' | 'POST', url: URL) => void;
}

const longestWay = 20;

export function makePerson(
  issuer: URL | string,
  { jar = makeCookieJar(), headers = {}, ca, onRequest }: PersonOptions = {},
): Person {
  const home = new URL(issuer).origin;
  let present: Page | undefined;

  async function send(url: URL, post?: { body: string; from: URL }): Promise<HttpResponse> {
    const cookie = jar.header(url);
    onRequest?.(post === undefined ? 'GET' : 'POST', url);
    const response = await exchange(url, {
      ...(ca === undefined ? {} : { ca }),
      ...(post === undefined ? {} : { method: 'POST', body: post.body }),
      headers: {
        accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
        'sec-fetch-dest': 'document',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-site': post === undefined ? 'none' : 'same-origin',
        ...(cookie === undefined ? {} : { cookie }),
        ...(post === undefined
          ? {}
          : {
              'content-type': 'application/x-www-form-urlencoded',
              origin: post.from.origin,
              referer: post.from.href,
            }),
        ...headers,
      },
    });
    jar.store(url, response.setCookies);
    return response;
  }

  async function follow(start: URL, post?: { body: string; from: URL }): Promise<Page | Elsewhere> {
    let url = start;
    let response = await send(url, post);
    for (let step = 0; step < longestWay; step += 1) {
      const next = whereNext(url, response);
      if (next === undefined) return arrive(url, response);
      if (next.origin !== home) return { kind: 'elsewhere', url: next };
      url = next;
      response = await send(url);
    }
    throw new Error(
      `After ${longestWay} redirects from ${start.href} there is still another one, from ${url.href}.`,
    );
  }

  function arrive(url: URL, { status, headers: answered, text: html }: HttpResponse): Page {
    present = {
      kind: 'page',
      url,
      status,
      headers: answered,
      html,
      text: readText(html),
      forms: readForms(html),
    };
    return present;
  }

  function page(): Page {
    if (present === undefined) throw new Error('This person has opened no page yet.');
    return present;
  }

  const person: Person = {
    jar,
    page,
    visit: (url) => follow(new URL(url, issuer)),
    async submit(fields, options = {}) {
      const { url } = page();
      const form = chooseForm(page(), Object.keys(fields), options);
      const pressed = pressedButton(form, options.button);
      const query = new URLSearchParams({ ...form.values, ...fields, ...pressed }).toString();
      const target = new URL(form.action === '' ? url.href : form.action, url);
      if (form.method === 'post') return follow(target, { body: query, from: url });
      target.search = query;
      return follow(target);
    },
    signIn: ({ username, password }) => person.submit({ username, password }),
  };
  return person;
}

function whereNext(url: URL, { status, headers, text }: HttpResponse): URL | undefined {
  if (status === 303 || status === 302 || status === 301) {
    if (headers.location === undefined) throw new Error(`${url.href} answered ${status} without Location.`);
    return new URL(headers.location, url);
  }
  // Only a page that has nothing else to offer leads on by itself; a finished interaction ends in one.
  const refresh = status === 200 ? readRefresh(text) : undefined;
  return refresh === undefined ? undefined : new URL(refresh, url);
}

function chooseForm(page: Page, fields: string[], { button, action }: SubmitOptions): Form {
  const fits = (form: Form) =>
    fields.every((field) => form.fields.includes(field)) &&
    (action === undefined || form.action.includes(action)) &&
    (button === undefined || findButton(form, button) !== undefined);
  const form = page.forms.find(fits);
  if (form !== undefined) return form;
  const asked = [
    ...fields.map((field) => `a field ${field}`),
    ...(button === undefined ? [] : [`a button ${button}`]),
  ];
  const wanted = asked.length === 0 ? '' : ` with ${asked.join(' and ')}`;
  throw new Error(`No form${wanted} on ${page.url.href} (${page.status}), which says: ${page.text}`);
}

function findButton(form: Form, button: string): Form['buttons'][number] | undefined {
  return form.buttons.find(({ value, text }) => value === button || text === button);
}

function pressedButton(form: Form, button: string | undefined): Record<string, string> {
  const pressed = button === undefined ? undefined : findButton(form, button);
  return pressed === undefined ? {} : { [pressed.name]: pressed.value };
}
