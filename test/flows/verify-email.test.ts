import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { linkTo, mailTo, readMailbox } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { type App, addAccount, registerApp, sentBack, shown } from './protocol/app.ts';

describe('an address that an operator has given', () => {
  let server: RunningGatehouse;
  let strict: App;
  let easy: App;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
    strict = await registerApp(server, { skip_consent: true, require_verified_email: true });
    easy = await registerApp(server, { skip_consent: true });
  });
  afterAll(() => server.dispose());

  const newPerson = (changes: Record<string, unknown> = {}) =>
    addAccount(server, `unverified-${count++}@example.org`, { email_verified: false, ...changes });
  const linkIn = async (address: string, number = 1) =>
    linkTo('/verify-email', await mailTo(server.issuer, address, 'Confirm', number));
  const confirm = async (address: string, number = 1) => {
    const reader = makePerson(server.issuer);
    await reader.visit(await linkIn(address, number));
    return shown(await reader.submit({}, { action: '/verify-email' }));
  };
  const isVerified = async (sub: string) => (await server.admin('GET', `users/${sub}`)).body.email_verified;

  it('must be confirmed before its owner gets to an app that wants that, and only after the right password', async () => {
    const who = await newPerson();
    const person = makePerson(server.issuer);
    await person.visit(strict.begin().url);
    const wrong = shown(await person.signIn({ ...who, password: 'not the password' }));
    expect(wrong.text).not.toContain('Confirm your address');
    const first = shown(await person.signIn(who));
    expect([first.status, first.text]).toEqual([403, expect.stringContaining('Confirm your address first')]);
    const again = shown(await person.submit({}, { action: '/verify-first' }));
    expect(again.text).toContain('Another mail is on its way');
    const done = await confirm(who.username);
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your address is confirmed')]);
    await person.visit(again.url.href.replace('/verify-first', '/login'));
    expect(sentBack(await person.signIn(who))).toMatchObject({ code: expect.any(String) });
    await expect(isVerified(who.sub)).resolves.toBe(true);
  });

  it('is asked about too when its owner is signed in for another app already', async () => {
    const who = await newPerson();
    const person = makePerson(server.issuer);
    await person.visit(easy.begin().url);
    expect(sentBack(await person.signIn(who))).toMatchObject({ code: expect.any(String) });
    const silent = await person.visit(strict.begin({ prompt: 'none' }).url);
    expect(sentBack(silent)).toMatchObject({ error: 'interaction_required' });
    await person.visit(strict.begin().url);
    expect(shown(await person.signIn(who)).text).toContain('Confirm your address first');
  });

  it('does not let anybody ask for the mail of somebody else', async () => {
    const [who, other] = [await newPerson(), await newPerson()];
    const person = makePerson(server.issuer);
    await person.visit(strict.begin().url);
    await person.signIn(who);
    const form = person.page().forms.find(({ action }) => action.includes('/verify-first'));
    if (form === undefined) throw new Error('there is no form for another mail');
    form.action = form.action.replace(who.sub, other.sub);
    expect(shown(await person.submit({}, { action: '/verify-first' })).status).toBe(403);
    const mails = await readMailbox(server.issuer);
    expect(mails.filter(({ to }) => to === other.username)).toEqual([]);
  });

  it('is confirmed from the account page', async () => {
    const who = await newPerson();
    const person = makePerson(server.issuer);
    await person.visit('/account/verify-email');
    const page = shown(await person.signIn(who));
    expect(page.text).toContain('is not confirmed yet');
    const sent = shown(await person.submit({}, { action: '/verify-email' }));
    expect(sent.text).toContain('A mail is on its way');
    await confirm(who.username);
    expect(shown(await person.visit('/account/verify-email')).text).toContain('There is nothing to do');
  });

  it('is told to be another one by now, and the newer link ends the older', async () => {
    const who = await newPerson();
    const send = () => server.admin('POST', `users/${who.sub}/resend-verification`);
    expect((await send()).status).toBe(204);
    const limited = await send();
    expect([limited.status, limited.body.code, limited.headers.get('retry-after')]).toEqual([
      429,
      'too_many_requests',
      '120',
    ]);
    const reader = makePerson(server.issuer);
    await reader.visit(await linkIn(who.username));
    await server.admin('PATCH', `users/${who.sub}`, { email: `moved-${who.username}` });
    const over = shown(await reader.submit({}, { action: '/verify-email' }));
    expect([over.status, over.text]).toEqual([400, expect.stringContaining('another address by now')]);
    await expect(isVerified(who.sub)).resolves.toBe(false);
  });

  it('is not confirmed twice, and an operator is told why nothing was sent', async () => {
    const verified = await newPerson({ email_verified: true });
    const nameless = await newPerson({ email: undefined, preferred_username: `nameless-${count}` });
    for (const { sub } of [verified, nameless]) {
      const { status } = await server.admin('POST', `users/${sub}/resend-verification`);
      expect(status).toBe(409);
    }
    expect((await server.admin('POST', 'users/nobody/resend-verification')).status).toBe(404);
  });
});
