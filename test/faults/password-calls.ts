import { type CookieJar, makeCookieJar } from '../support/cookie-jar.ts';
import { readForms } from '../support/html.ts';
import type { HttpResponse } from '../support/http.ts';
import { waitFor } from '../support/wait-for.ts';
import { askAdmin, classify, type Doors } from './doors.ts';
import type { Completion, Operation } from './history.ts';
import type { OperatorDeps } from './operator-calls.ts';

/** The page behind a link that sets a password, open in a browser. */
export interface OpenLink {
  url: URL;
  jar: CookieJar;
  values: Record<string, string>;
}

/** Milliseconds for the mail to come; under faults it may take longer, and then another time will do. */
const patience = 5_000;

/**
 * An operator sends somebody a link, the mail comes, and the page is opened. Nothing of it changes anything; undefined when
 * it did not come so far.
 */
export async function openLink(
  { doors, adminToken }: Pick<OperatorDeps, 'doors' | 'adminToken'>,
  { user, sub }: { user: string; sub: string },
): Promise<OpenLink | undefined> {
  try {
    const before = (await readLinks(doors, user)).length;
    const started = await askAdmin(doors, adminToken, 'POST', `users/${sub}/reset-password`);
    if (started.status !== 204) return undefined;
    const link = await waitFor(`a link to ${user}`, async () => (await readLinks(doors, user))[before], {
      within: patience,
    });
    return await open(doors, new URL(link));
  } catch {
    return undefined;
  }
}

/** The form of that page is sent off. */
export const submitPassword = (
  { doors, history }: Pick<OperatorDeps, 'doors' | 'history'>,
  worker: string,
  { url, jar, values }: OpenLink,
  change: Extract<Operation, { type: 'set-password' }>,
): Promise<Completion> =>
  history.record(worker, change, async () => {
    const answer: HttpResponse = await doors.send('/reset-password', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: url.origin,
        cookie: jar.header(url) ?? '',
      },
      body: new URLSearchParams({ ...values, new_password: change.password }).toString(),
    });
    return classify(answer);
  });

async function readLinks(doors: Doors, address: string): Promise<string[]> {
  const { status, text } = await doors.send('/dev/mailbox.json');
  if (status !== 200) throw new Error('the mailbox cannot be read');
  const mails: { to: string; links: string[] }[] = JSON.parse(text);
  return mails
    .filter(({ to }) => to === address)
    .flatMap(({ links }) => links.filter((link) => link.includes('/reset-password?')));
}

async function open(doors: Doors, url: URL): Promise<OpenLink | undefined> {
  const page = await doors.send(`${url.pathname}${url.search}`);
  const form = readForms(page.text).find(({ fields }) => fields.includes('new_password'));
  const jar = makeCookieJar();
  jar.store(url, page.setCookies);
  return form && { url, jar, values: form.values };
}
