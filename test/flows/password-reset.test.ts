import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { readLinks } from '../support/html.ts';
import { linkTo, mailTo, readMailbox } from '../support/mailbox.ts';
import { makePerson, type Person } from '../support/person.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Account, type App, addAccount, registerApp, sentBack, shown } from './protocol/app.ts';

const fresh = 'seven otters paint blue doors';

describe('a forgotten password', () => {
  let server: RunningGatehouse;
  let app: App;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
    app = await registerApp(server, { skip_consent: true, client_uri: 'https://app.example/' });
  });
  afterAll(() => server.dispose());

  const newPerson = (changes: Record<string, unknown> = {}): Promise<Account> =>
    addAccount(server, `reset-${count++}@example.org`, changes);
  const ask = async (person: Person, name: string) => {
    await person.visit('/forgot-password');
    return shown(await person.submit({ email: name }));
  };
  const askAndOpen = async (who: Account, person = makePerson(server.issuer)) => {
    await ask(person, who.username);
    const link = linkTo('/reset-password', await mailTo(server.issuer, who.username, 'Set a new'));
    return { person, link, page: shown(await person.visit(link)) };
  };
  const canSignIn = async (who: Account, password: string) => {
    const person = makePerson(server.issuer);
    await person.visit(app.begin().url);
    const seen = await person.signIn({ ...who, password });
    return seen.kind === 'elsewhere';
  };

  it('leads from the sign-in page of an app over the mail back into the app', async () => {
    const who = await newPerson();
    const person = makePerson(server.issuer);
    const attempt = app.begin();
    const signIn = shown(await person.visit(attempt.url));
    const forgot = readLinks(signIn.html).find(({ text }) => text === 'Forgot your password?')?.href ?? '';
    await person.visit(forgot);
    const answer = shown(await person.submit({ email: who.username }));
    expect(answer.text).toContain('Look into your mail');
    const link = linkTo('/reset-password', await mailTo(server.issuer, who.username));
    expect(link.href.startsWith(`${server.issuer}/reset-password?token=`)).toBe(true);
    await person.visit(link);
    const done = shown(await person.submit({ new_password: fresh }));
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your password is set')]);
    const onward = readLinks(done.html).find(({ text }) => text === 'Go on to Photo Album')?.href ?? '';
    await person.visit(onward);
    const back = await person.signIn({ ...who, password: fresh });
    expect(sentBack(back)).toMatchObject({ code: expect.any(String) });
    await expect(app.redeem(attempt, back)).resolves.toBeDefined();
    await expect(canSignIn(who, who.password)).resolves.toBe(false);
  });

  it('leads whoever opens the mail in another browser to where the app begins', async () => {
    const who = await newPerson();
    const person = makePerson(server.issuer);
    await person.visit(app.begin().url);
    const { searchParams } = new URL(person.page().url);
    const uid = person.page().url.pathname.split('/')[2] ?? '';
    await person.visit(
      `/forgot-password?interaction=${uid}&client_id=${searchParams.get('client_id') ?? ''}`,
    );
    await person.submit({ email: who.username });
    const link = linkTo('/reset-password', await mailTo(server.issuer, who.username));
    const elsewhere = makePerson(server.issuer);
    await elsewhere.visit(link);
    const done = shown(await elsewhere.submit({ new_password: fresh }));
    const onward = readLinks(done.html).find(({ text }) => text.startsWith('Go on'))?.href ?? '';
    expect(shown(await elsewhere.visit(onward)).text).toContain('Start again at Photo Album');
  });

  it('is asked for by user name too, whatever the casing', async () => {
    const who = await newPerson({ preferred_username: 'Otter.Painter' });
    await ask(makePerson(server.issuer), 'oTTER.painter');
    await expect(mailTo(server.issuer, who.username, 'Set a new')).resolves.toBeDefined();
  });

  it('is replaced by nothing that is too easy to guess, and the link still works after the refusal', async () => {
    const who = await newPerson();
    const { person, link } = await askAndOpen(who);
    const refused = shown(await person.submit({ new_password: 'password1234567' }));
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('common password')]);
    const short = shown(await person.submit({ new_password: 'short' }));
    expect([short.status, short.text]).toEqual([422, expect.stringContaining('at least 15 characters')]);
    expect(shown(await person.submit({ new_password: fresh })).status).toBe(200);
    const again = shown(await person.visit(link));
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('used already')]);
  });

  it('tells the owner, and writes down who has asked and what came of it', async () => {
    const who = await newPerson();
    const { person } = await askAndOpen(who);
    await person.submit({ new_password: fresh });
    const mail = await mailTo(server.issuer, who.username, 'was changed');
    expect(mail.links).toEqual([`${server.issuer}/forgot-password`]);
  });

  it('gives an account without a password a mail that says how its owner signs in, and the same answer', async () => {
    const without = await newPerson({ password: undefined });
    const answer = await ask(makePerson(server.issuer), without.username);
    const other = await ask(makePerson(server.issuer), 'nobody-at-all@example.org');
    expect(answer.text).toBe(other.text);
    const mail = await mailTo(server.issuer, without.username, 'How you sign in');
    expect(mail.text).not.toContain('/reset-password');
  });

  it('sends nothing to a disabled account', async () => {
    const disabled = await newPerson({ status: 'disabled' });
    const known = await newPerson();
    await ask(makePerson(server.issuer), disabled.username);
    await ask(makePerson(server.issuer), known.username);
    await mailTo(server.issuer, known.username);
    const mails = await readMailbox(server.issuer);
    expect(mails.filter(({ to }) => to === disabled.username)).toEqual([]);
  });

  it('says of each link that does nothing why, and what to do', async () => {
    const who = await newPerson();
    const { link, person } = await askAndOpen(who);
    await server.admin('PATCH', `users/${who.sub}`, { email: `other-${who.username}` });
    const changed = shown(await person.submit({ new_password: fresh }));
    expect([changed.status, changed.text]).toEqual([
      400,
      expect.stringContaining('the address of the account'),
    ]);
    link.searchParams.set('token', 'x'.repeat(43));
    const unknown = shown(await person.visit(link));
    expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('not complete')]);
    expect(readLinks(unknown.html).some(({ href }) => href.endsWith('/forgot-password'))).toBe(true);
  });

  it('opens an account that was locked, and no device is known any more', async () => {
    const who = await newPerson();
    const stranger = makePerson(server.issuer);
    await stranger.visit(app.begin().url);
    for (let guess = 0; guess < 6; guess += 1) await stranger.signIn({ ...who, password: `wrong ${guess}` });
    const { person } = await askAndOpen(who);
    await person.submit({ new_password: fresh });
    await waitFor('the account is open', () => canSignIn(who, fresh));
  });

  it('is where password managers look for it', async () => {
    const answer = await fetch(`${server.issuer}/.well-known/change-password`, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toMatch(/\/account\/security$/);
  });
});
