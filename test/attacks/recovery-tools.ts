import { type Account, addAccount } from '../flows/protocol/app.ts';
import { makeCookieJar } from '../support/cookie-jar.ts';
import { readForms } from '../support/html.ts';
import type { HttpResponse } from '../support/http.ts';
import { openNewPassword } from '../support/new-password.ts';
import { makePerson } from '../support/person.ts';
import type { Attacked } from './fixture.ts';

/** A page of one process and its form, as a browser has them, ready to be sent. */
export interface OpenForm {
  page: HttpResponse;
  values: Record<string, string>;
  headers: Record<string, string>;
  send(fields: Record<string, string>, more?: Record<string, string>, at?: 0 | 1): Promise<HttpResponse>;
}

/** What the attacks on new passwords are made with. */
export function makeRecoveryTools(attacked: Attacked) {
  let people = 0;

  async function openForm(path: string, process: 0 | 1 = 0): Promise<OpenForm> {
    const page = await attacked.send(path, { process });
    const url = new URL(path, attacked.issuer);
    const jar = makeCookieJar();
    jar.store(url, page.setCookies);
    const values = readForms(page.text)[0]?.values ?? {};
    const headers = { cookie: jar.header(url) ?? '', origin: new URL(attacked.issuer).origin };
    return {
      page,
      values,
      headers,
      send: (fields, more = {}, at = process) =>
        attacked.send(url.pathname, {
          method: 'POST',
          process: at,
          headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded', ...more },
          body: new URLSearchParams({ ...values, ...fields }).toString(),
        }),
    };
  }

  return {
    openForm,
    newPerson(changes: Record<string, unknown> = {}): Promise<Account> {
      people += 1;
      return addAccount(attacked.servers[0], `target-${people}@example.org`, changes);
    },
    async signIn(who: Account, password: string): Promise<boolean> {
      const person = makePerson(attacked.issuer);
      await person.visit(attacked.apps.c1.begin().url);
      return (await person.signIn({ ...who, password })).kind === 'elsewhere';
    },
    /** An operator has sent the link; its path and query. */
    async linkFor(who: Account): Promise<string> {
      const { url } = (await openNewPassword(attacked.servers[0], who)).page();
      return `${url.pathname}${url.search}`;
    },
  };
}

export type RecoveryTools = ReturnType<typeof makeRecoveryTools>;
