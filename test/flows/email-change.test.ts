import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linkTo, mailTo, readMailbox } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { waitFor } from '../support/wait-for.ts';
import { type AccountServer, type ApiUser, startAccountServer } from './account-fixture.ts';
import { shown } from './protocol/app.ts';

describe('another address', () => {
  let server: AccountServer;
  let count = 0;
  beforeAll(async () => {
    server = await startAccountServer();
  });
  afterAll(() => server.dispose());

  const aNewAddress = (): string => `new-${count++}@example.net`;
  const ask = async ({ request }: ApiUser, email: string) => {
    const answer = await request('POST', '/email', { email });
    expect(answer.status).toBe(202);
    return linkTo('/confirm-email', await mailTo(server.issuer, email, 'Confirm your new'));
  };
  /** Opens the link in a mail in another browser, and presses its button. */
  const follow = async (link: URL) => {
    const reader = makePerson(server.issuer);
    await reader.visit(link);
    return shown(await reader.submit({}));
  };
  const change = async (user: ApiUser, email: string): Promise<URL> => {
    const told = user.who.username;
    expect((await follow(await ask(user, email))).status).toBe(200);
    return linkTo('/undo-email', await mailTo(server.issuer, told, 'has changed'));
  };
  const profileOf = async ({ request }: ApiUser) => (await request('GET', '/profile')).body;

  it('counts once its link was confirmed, not before, and is proven by that', async () => {
    const user = await server.apiUser({ email_verified: false });
    const email = aNewAddress();
    const link = await ask(user, email);
    expect(await profileOf(user)).toMatchObject({ email: user.who.username, email_verified: false });
    const done = await follow(link);
    expect([done.status, done.text]).toEqual([200, expect.stringContaining(`${email} is the address`)]);
    expect(await profileOf(user)).toMatchObject({ email, email_verified: true });
    await expect(server.signInToApi({ ...user.who, username: email })).resolves.toBeDefined();
    const again = shown(await makePerson(server.issuer).visit(link));
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('used already')]);
  });

  it('is asked for on a page, too', async () => {
    const { person } = await server.apiUser();
    const email = aNewAddress();
    await person.visit('/account/email');
    const sent = shown(await person.submit({ email }, { button: 'change' }));
    expect([sent.status, sent.text]).toEqual([200, expect.stringContaining(`mail of ${email}`)]);
    const soon = shown(await person.submit({ email: aNewAddress() }, { button: 'change' }));
    expect([soon.status, soon.text]).toEqual([429, expect.stringContaining('Wait two minutes')]);
    const bad = shown(await person.submit({ email: 'nobody' }, { button: 'change' }));
    expect([bad.status, bad.text]).toEqual([422, expect.stringContaining('Use one address with one @')]);
    expect((await follow(linkTo('/confirm-email', await mailTo(server.issuer, email)))).status).toBe(200);
  });

  it('is answered alike whether it is free or taken, and only its owner is told', async () => {
    const owner = await server.apiUser();
    const [one, two] = [await server.apiUser(), await server.apiUser()];
    const free = await one.request('POST', '/email', { email: aNewAddress() });
    const taken = await two.request('POST', '/email', { email: owner.who.username.toUpperCase() });
    expect([taken.status, Object.keys(taken.body)]).toEqual([free.status, Object.keys(free.body)]);
    const mail = await mailTo(server.issuer, owner.who.username, 'wanted to use your address');
    expect(mail.links).toEqual([`${server.issuer}/account`]);
    expect(await profileOf(two)).toMatchObject({ email: two.who.username });
  });

  it('is refused when it has become the address of somebody else before it was confirmed', async () => {
    const [user, rival] = [await server.apiUser(), await server.apiUser()];
    const email = aNewAddress();
    const link = await ask(user, email);
    await server.admin('PATCH', `users/${rival.who.sub}`, { email });
    const seen = await follow(link);
    expect([seen.status, seen.text]).toEqual([409, expect.stringContaining('another account meanwhile')]);
    expect(await profileOf(user)).toMatchObject({ email: user.who.username });
  });

  it('is over when the address of the account was changed meanwhile', async () => {
    const user = await server.apiUser();
    const link = await ask(user, aNewAddress());
    await server.admin('PATCH', `users/${user.who.sub}`, { email: aNewAddress() });
    const seen = shown(await makePerson(server.issuer).visit(link));
    expect([seen.status, seen.text]).toEqual([400, expect.stringContaining('account was changed')]);
  });

  it('can be taken back by the old one: that counts again, everybody is signed out, a new password is set', async () => {
    const user = await server.apiUser();
    const undo = await change(user, aNewAddress());
    const reader = makePerson(server.issuer);
    await reader.visit(undo);
    const done = shown(await reader.submit({}));
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Every device was signed out')]);
    await expect(user.request('GET', '/profile')).resolves.toMatchObject({ status: 401 });
    await expect(server.signInToApi(user.who)).rejects.toThrow(/./);
    const reset = /href="([^"]*\/reset-password\?token=[^"]*)"/.exec(done.html)?.[1] ?? '';
    await reader.visit(reset);
    const password = 'seven otters paint blue doors';
    expect(shown(await reader.submit({ new_password: password })).status).toBe(200);
    const back = await server.signInToApi({ ...user.who, password });
    expect(await profileOf(back)).toMatchObject({ email: user.who.username, email_verified: true });
  });

  it('can be taken back by its owner however often a thief changes it, and the thief cannot take that back', async () => {
    const user = await server.apiUser();
    const stolen = aNewAddress();
    const undoOfOwner = await change(user, stolen);
    await waitFor('the next mail may be sent', async () => {
      await server.rows(`delete from mail_allowance`);
      return (await user.request('POST', '/email', { email: 'thief@example.net' })).status === 202;
    });
    await follow(
      linkTo('/confirm-email', await mailTo(server.issuer, 'thief@example.net', 'Confirm your new')),
    );
    const undoOfThief = linkTo('/undo-email', await mailTo(server.issuer, stolen, 'has changed'));
    expect((await follow(undoOfOwner)).status).toBe(200);
    const seen = shown(await makePerson(server.issuer).visit(undoOfThief));
    expect(seen.status).toBe(400);
    const { body } = await server.admin('GET', `users/${user.who.sub}`);
    expect(body.email).toBe(user.who.username);
  });

  describe('for notices', () => {
    it('counts once its link was confirmed; then both are told, and it can be removed', async () => {
      const user = await server.apiUser();
      const second = aNewAddress();
      expect((await user.request('POST', '/notification-email', { email: second })).status).toBe(202);
      expect((await user.request('GET', '/notification-email')).body).toEqual({ email: null });
      const link = linkTo('/confirm-notification-email', await mailTo(server.issuer, second));
      expect((await follow(link)).status).toBe(200);
      expect((await user.request('GET', '/notification-email')).body).toEqual({ email: second });
      await mailTo(server.issuer, user.who.username, 'Notices go to another');
      await follow(await ask(user, aNewAddress()));
      await mailTo(server.issuer, second, 'has changed');
      expect((await user.request('DELETE', '/notification-email')).status).toBe(204);
      await mailTo(server.issuer, second, 'Notices go to one');
      expect((await user.request('DELETE', '/notification-email')).status).toBe(404);
    });

    it('lets nobody sign in or reset a password', async () => {
      const user = await server.apiUser();
      const second = aNewAddress();
      await user.request('POST', '/notification-email', { email: second });
      await follow(linkTo('/confirm-notification-email', await mailTo(server.issuer, second)));
      await expect(server.signInToApi({ ...user.who, username: second })).rejects.toThrow(/./);
      const person = makePerson(server.issuer);
      await person.visit('/forgot-password');
      await person.submit({ email: second });
      await person.visit('/forgot-password');
      await person.submit({ email: user.who.username });
      await mailTo(server.issuer, user.who.username, 'Set a new');
      const mails = await readMailbox(server.issuer);
      expect(mails.filter(({ to, subject }) => to === second && subject.includes('password'))).toEqual([]);
    });
  });
});
