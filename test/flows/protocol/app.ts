import type { RunningGatehouse } from '../../support/gatehouse.ts';
import type { Elsewhere, Page, Person } from '../../support/person.ts';
import { makeRelyingParty, type Registration, type RelyingParty } from '../../support/relying-party.ts';

export interface App extends RelyingParty {
  registration: Registration;
}

/** Where apps of the tests take people back; nobody listens there, and nobody has to. */
export const callback = 'https://app.example/callback';

/** An app that people sign in to, registered through the admin API; its metadata with that of `changes`. */
export async function registerApp(
  server: RunningGatehouse,
  changes: Record<string, unknown> = {},
): Promise<App> {
  const metadata = {
    client_name: 'Photo Album',
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token'],
    ...changes,
  };
  const { status, body } = await server.admin('POST', 'clients', metadata);
  if (status !== 201) throw new Error(`The app was not registered: ${status} ${JSON.stringify(body)}`);
  const registration: Registration = {
    clientId: String(body.client_id),
    redirectUri: metadata.redirect_uris[0] ?? callback,
    ...(typeof body.client_secret === 'string' ? { clientSecret: body.client_secret } : {}),
  };
  return { registration, ...makeRelyingParty(server.issuer, registration) };
}

/** A program without people: its own client credentials. */
export function registerService(
  server: RunningGatehouse,
  changes: Record<string, unknown> = {},
): Promise<App> {
  return registerApp(server, { redirect_uris: [], grant_types: ['client_credentials'], ...changes });
}

/** Somebody with a password, made through the admin API. */
export interface Account {
  sub: string;
  username: string;
  password: string;
}

export async function addAccount(
  server: RunningGatehouse,
  username: string,
  changes: Record<string, unknown> = {},
): Promise<Account> {
  const password = 'correct horse battery staple';
  const user = { email: username, email_verified: true, name: 'Person of the Test', password, ...changes };
  const { status, body } = await server.admin('POST', 'users', user);
  if (status !== 201) throw new Error(`The account was not made: ${status} ${JSON.stringify(body)}`);
  return { sub: String(body.sub), username, password };
}

/** What came back to the app. @throws with the words of the page when the person was not sent back. */
export function sentBack(seen: Page | Elsewhere): Record<string, string> {
  if (seen.kind === 'page') throw new Error(`Not sent back, but shown ${seen.url.href}: ${seen.text}`);
  return Object.fromEntries(seen.url.searchParams);
}

/** The page that came. @throws when the person was sent elsewhere instead. */
export function shown(seen: Page | Elsewhere): Page {
  if (seen.kind === 'elsewhere') throw new Error(`Sent to ${seen.url.href} instead of being shown a page.`);
  return seen;
}

/** Signs in to an app that asks for consent, allows it, and redeems the code. */
export async function signInAndAllow(
  app: RelyingParty,
  person: Person,
  who: Account,
  extra: Record<string, string> = {},
) {
  const attempt = app.begin(extra);
  let seen = await person.visit(attempt.url);
  if (asksFor(seen, 'password')) seen = await person.signIn(who);
  if (isConsent(seen)) seen = await person.submit({}, { button: 'allow' });
  return app.redeem(attempt, seen);
}

export const asksFor = (seen: Page | Elsewhere, field: string): boolean =>
  seen.kind === 'page' && seen.forms.some(({ fields }) => fields.includes(field));

export const isConsent = (seen: Page | Elsewhere): boolean =>
  seen.kind === 'page' &&
  seen.forms.some(({ buttons }) =>
    buttons.some(({ name, value }) => name === 'decision' && value === 'allow'),
  );
