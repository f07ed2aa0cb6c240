import { addAccount, signInAndAllow } from '../flows/protocol/app.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { type Elsewhere, makePerson, type Page, type Person } from '../support/person.ts';
import type { Attempt, TokenAnswer } from '../support/relying-party.ts';
import type { Cast } from './tour.ts';

/** A code that was not redeemed yet, with what that needs. */
export interface Code {
  attempt: Attempt;
  callback: Page | Elsewhere;
}

/**
 * What people do in their browsers: sign in, agree, come back, use a device, sign out.
 *
 * @param redeem what the app does with the code of the sign-in with consent
 */
export async function browse(cast: Cast, redeem: (code: Code) => Promise<void>): Promise<void> {
  const { server, recorder, app, ownApp, who } = cast;
  const someone = () => recorder.person(server.issuer);
  // Pages, clients and templates are warm.
  await signInAndAllow(app, makePerson(server.issuer), await addAccount(server, 'before@example.org'));

  await recorder.flow('wrong password', async () => {
    const stranger = someone();
    await stranger.visit(app.begin().url);
    await stranger.signIn({ username: who.username, password: 'not the password' });
  });
  await recorder.flow('unknown account', async () => {
    const stranger = someone();
    await stranger.visit(app.begin().url);
    await stranger.signIn({ username: 'nobody@example.org', password: who.password });
  });
  await recorder.flow('sign-in without consent', async () => {
    const other = someone();
    await other.visit(ownApp.begin().url);
    await other.signIn(who);
  });
  const person = someone();
  const attempt = app.begin();
  const callback = await recorder.flow('sign-in', async () => {
    await person.visit(attempt.url);
    await person.signIn(who);
    return person.submit({}, { button: 'allow' });
  });
  await redeem({ attempt, callback });
  await recorder.flow('signed in already', () => person.visit(app.begin().url));
  await recorder.flow('signed in already, silently', () => person.visit(app.begin({ prompt: 'none' }).url));
  await recorder.flow('asked to sign in again', async () => {
    await person.visit(app.begin({ prompt: 'login' }).url);
    await person.signIn(who);
  });
  await recorder.flow('refused by the person', async () => {
    await person.visit(app.begin({ prompt: 'consent' }).url);
    await person.submit({}, { button: 'deny' });
  });
  const pushed = await recorder.flow('pushed request', () =>
    app.post('par', Object.fromEntries(app.begin().url.searchParams)),
  );
  await recorder.flow('signed in already, by a pushed request', () => {
    const query = { client_id: app.registration.clientId, request_uri: String(pushed.body.request_uri) };
    return person.visit(`/oauth2/authorize?${new URLSearchParams(query).toString()}`);
  });
  await signUp(cast);
  await useDevice(cast);
  await lookAfterAccount(cast, person);
  await recorder.flow('sign-out', async () => {
    await person.visit('/oauth2/logout');
    await person.submit({}, { button: 'yes' });
  });
}

/** The pages of one's own account: sessions, apps, activity, and what is ended there. */
async function lookAfterAccount({ server, recorder, app, who }: Cast, person: Person): Promise<void> {
  const elsewhere = async () => {
    const other = makePerson(server.issuer);
    await other.visit(app.begin().url);
    await other.signIn(who);
  };
  await elsewhere();
  await recorder.flow('account: sessions', () => person.visit('/account/sessions'));
  await recorder.flow('account: end a session', () => person.submit({}, { action: '/end-one' }));
  await elsewhere();
  await recorder.flow('account: end other sessions', () => person.submit({}, { action: '/end-others' }));
  await recorder.flow('account: activity', () => person.visit('/account/activity'));
  await recorder.flow('account: apps', () => person.visit('/account/apps'));
  const form = { app: app.registration.clientId };
  await recorder.flow('account: withdraw a consent', () => person.submit(form, { action: '/withdraw' }));
}

/** The link is read out of the mailbox, which is where mail goes here. */
async function signUp({ server, recorder, ownApp, who }: Cast): Promise<void> {
  const sign = (name: string, email: string, person = recorder.person(server.issuer)) =>
    recorder.flow(name, async () => {
      await person.visit(ownApp.begin({ prompt: 'create' }).url);
      await person.submit({ email, password: 'seven otters paint blue doors' });
      return person;
    });
  await sign('sign-up with the address of an account', who.username);
  // What the one has put into the outbox is out of it before the other begins.
  await mailTo(server.issuer, who.username, 'You have an account already');
  const person = await sign('sign-up', 'newcomer@example.org');
  const link = linkTo('/verify-email', await mailTo(server.issuer, 'newcomer@example.org'));
  await recorder.flow('sign-up', async () => {
    await person.visit(link);
    await person.submit({}, { action: '/verify-email' });
  });
}

async function useDevice({ server, recorder, device, who }: Cast): Promise<void> {
  const person = recorder.person(server.issuer);
  const begun = await recorder.flow('device: authorization request', () =>
    device.post('device_authorization', { scope: 'openid email' }),
  );
  const poll = (): Promise<TokenAnswer> =>
    device.post('token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: String(begun.body.device_code),
    });
  await recorder.flow('device: poll before the person has agreed', poll);
  await recorder.flow('device', async () => {
    await person.visit('/device');
    await person.submit({ user_code: String(begun.body.user_code) });
    await person.submit({ confirm: 'yes' });
    await person.signIn(who);
    await person.submit({}, { button: 'allow' });
  });
  await recorder.flow('device: token', poll);
}
