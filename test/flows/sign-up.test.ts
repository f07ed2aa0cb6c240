import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { readLinks } from '../support/html.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { makePerson, type Person } from '../support/person.ts';
import { type App, addAccount, registerApp, sentBack, shown } from './protocol/app.ts';

const password = 'seven otters paint blue doors';

describe('signing up', () => {
  let server: RunningGatehouse;
  let app: App;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_SIGN_UP_USERNAME: 'true' } });
    app = await registerApp(server, { skip_consent: true, client_uri: 'https://app.example/' });
  });
  afterAll(() => server.dispose());

  const newAddress = (): string => `new-${count++}@example.org`;
  const begin = async (fields: Record<string, string>, person = makePerson(server.issuer)) => {
    const attempt = app.begin({ prompt: 'create' });
    await person.visit(attempt.url);
    const answer = shown(await person.submit({ password, ...fields }));
    return { person, attempt, answer };
  };
  const openLink = async (person: Person, address: string, number = 1) => {
    const link = linkTo('/verify-email', await mailTo(server.issuer, address, 'Confirm', number));
    return { link, page: shown(await person.visit(link)) };
  };
  const confirm = (person: Person) => person.submit({}, { action: '/verify-email' });
  const canSignIn = async (username: string, secret = password) => {
    const person = makePerson(server.issuer);
    await person.visit(app.begin().url);
    return (await person.signIn({ username, password: secret })).kind === 'elsewhere';
  };
  const claims = async (attempt: Parameters<App['redeem']>[0], back: Parameters<App['redeem']>[1]) => {
    const tokens = await app.redeem(attempt, back);
    const payload = String(tokens.body.id_token).split('.')[1] ?? '';
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
  };

  it('leads from the sign-in page of an app over the mail back into the app, in one browser', async () => {
    const email = newAddress();
    const person = makePerson(server.issuer);
    const attempt = app.begin();
    const signIn = shown(await person.visit(attempt.url));
    await person.visit(readLinks(signIn.html).find(({ text }) => text === 'Create an account')?.href ?? '');
    const waiting = shown(await person.submit({ email, password, name: 'New Person' }));
    expect([waiting.status, waiting.text]).toEqual([200, expect.stringContaining('Look into your mail')]);
    const { link } = await openLink(person, email);
    expect(link.href.startsWith(`${server.issuer}/verify-email?token=`)).toBe(true);
    const back = await confirm(person);
    expect(sentBack(back)).toMatchObject({ code: expect.any(String) });
    await expect(claims(attempt, back)).resolves.toMatchObject({ sub: expect.any(String) });
    await expect(canSignIn(email)).resolves.toBe(true);
  });

  it('goes on in the first browser when the mail is opened in another one, where nobody is signed in', async () => {
    const email = newAddress();
    const { person } = await begin({ email });
    const early = shown(await person.submit({}, { action: '/sign-up/continue' }));
    expect(early.text).toContain('not confirmed yet');
    const phone = makePerson(server.issuer);
    const { page } = await openLink(phone, email);
    expect(page.text).toContain('begun in another browser');
    const done = shown(await confirm(phone));
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Go back to the browser')]);
    expect(phone.jar.header(new URL(server.issuer)) ?? '').not.toContain('gatehouse_session');
    const back = await person.submit({}, { action: '/sign-up/continue' });
    expect(sentBack(back)).toMatchObject({ code: expect.any(String) });
  });

  it('makes no account before the address is confirmed, so that nobody can take it by waiting', async () => {
    const email = newAddress();
    await begin({ email });
    await mailTo(server.issuer, email, 'Confirm');
    const { body } = await server.admin('GET', `users?email=${encodeURIComponent(email)}`);
    expect(body.items).toEqual([]);
    await expect(canSignIn(email)).resolves.toBe(false);
  });

  it('tells the owner of an account what happened, and the stranger nothing', async () => {
    const owner = await addAccount(server, newAddress());
    const { answer } = await begin({ email: owner.username.toUpperCase() });
    expect(answer.text).toContain('Look into your mail');
    const mail = await mailTo(server.issuer, owner.username, 'You have an account already');
    expect(mail.links).toEqual([`${server.issuer}/forgot-password`]);
    await expect(canSignIn(owner.username, owner.password)).resolves.toBe(true);
  });

  it('uses the password that was typed last in the same browser', async () => {
    const email = newAddress();
    const person = makePerson(server.issuer);
    await begin({ email, password: 'four herons fold paper boats' }, person);
    await begin({ email }, person);
    const phone = makePerson(server.issuer);
    await openLink(phone, email);
    await confirm(phone);
    await expect(canSignIn(email)).resolves.toBe(true);
  });

  it('is won by the first that is confirmed, and says so to the other', async () => {
    const email = newAddress();
    await begin({ email });
    const first = await mailTo(server.issuer, email, 'Confirm');
    const phone = makePerson(server.issuer);
    await phone.visit(linkTo('/verify-email', first));
    await server.admin('POST', 'users', { email, email_verified: true });
    const over = shown(await confirm(phone));
    expect([over.status, over.text]).toEqual([400, expect.stringContaining('has an account by now')]);
  });

  it('says of each link that does nothing why, and what to do', async () => {
    const email = newAddress();
    const { person } = await begin({ email });
    const phone = makePerson(server.issuer);
    const { link } = await openLink(phone, email);
    await confirm(phone);
    const used = shown(await phone.visit(link));
    expect([used.status, used.text]).toEqual([200, expect.stringContaining('used already')]);
    expect(shown(await person.visit(link)).text).toContain('Go on to Photo Album');
    link.searchParams.set('token', 'x'.repeat(43));
    const unknown = shown(await phone.visit(link));
    expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('not complete')]);
  });

  it('gives a user name if nobody else has it by then, and says so otherwise', async () => {
    const email = newAddress();
    const { person } = await begin({ email, username: 'Wanted.Name' });
    await server.admin('POST', 'users', { preferred_username: 'wanted.name' });
    await openLink(person, email);
    const done = shown(await confirm(person));
    expect(done.text).toContain('was taken meanwhile');
    await expect(canSignIn(email)).resolves.toBe(true);
  });

  it.each([
    ['email', { email: 'no address' }, 'one address with one @'],
    ['password', { password: 'short' }, 'at least 15 characters'],
    ['password', { password: 'password1234567' }, 'common password'],
    ['username', { username: 'two words' }, 'Use letters, digits'],
    ['name', { name: 'x'.repeat(201) }, 'at most 200'],
  ])('refuses a bad %s in plain words and keeps what was typed', async (_field, fields, words) => {
    const email = newAddress();
    const { answer } = await begin({ email, name: 'Kept Name', ...fields });
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining(words)]);
    expect(answer.html).toContain('Kept Name'.slice(0, 'name' in fields ? 0 : undefined));
  });

  it('begins at /sign-up without an app, and ends at the account page', async () => {
    const email = newAddress();
    const person = makePerson(server.issuer);
    const form = shown(await person.visit('/sign-up'));
    expect(form.text).toContain('Create your account');
    await person.submit({ email, password });
    await openLink(person, email);
    const end = shown(await confirm(person));
    expect(end.url.pathname).toBe('/account');
  });

  it('is told to apps in the metadata', async () => {
    const answer = await fetch(`${server.issuer}/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({
      prompt_values_supported: expect.arrayContaining(['create']),
    });
  });

  it('leaves those who have an account the way to sign in', async () => {
    const owner = await addAccount(server, newAddress());
    const person = makePerson(server.issuer);
    const form = shown(await person.visit(app.begin({ prompt: 'create' }).url));
    await person.visit(readLinks(form.html).find(({ text }) => text === 'Sign in')?.href ?? '');
    expect(sentBack(await person.signIn(owner))).toMatchObject({ code: expect.any(String) });
  });
});
