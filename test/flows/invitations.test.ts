import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { readLinks } from '../support/html.ts';
import { linkTo, mailTo, readMailbox } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { type App, addAccount, registerApp, sentBack, shown } from './protocol/app.ts';

const password = 'seven otters paint blue doors';

describe('an invitation', () => {
  let server: RunningGatehouse;
  let app: App;
  let count = 0;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_SIGN_UP: 'invitation' } });
    app = await registerApp(server, { skip_consent: true, client_uri: 'https://app.example/' });
  });
  afterAll(() => server.dispose());

  const newAddress = (): string => `invited-${count++}@example.org`;
  const invite = async (body: Record<string, unknown>) => server.admin('POST', 'invitations', body);
  const open = async (email: string, person = makePerson(server.issuer)) => {
    const link = linkTo('/invitation', await mailTo(server.issuer, email, 'invited'));
    return { person, link, page: shown(await person.visit(link)) };
  };
  const accept = async (email: string, fields: Record<string, string> = {}) => {
    const { person, link } = await open(email);
    return { person, link, answer: shown(await person.submit({ password, ...fields })) };
  };
  const userOf = async (email: string) =>
    (await server.admin('GET', `users?email=${encodeURIComponent(email)}`)).body.items?.[0];

  it('makes an account with its roles and a verified address, and leads on to the app', async () => {
    const email = newAddress();
    const made = await invite({ email, roles: ['admin'], client_id: app.registration.clientId });
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ email, roles: ['admin'], status: 'open', sub: null }),
    ]);
    expect(made.headers.get('location')).toBe(
      `${server.issuer}/api/admin/v1/invitations/${String(made.body.id)}`,
    );
    const { answer } = await accept(email, { name: 'Invited Person' });
    expect([answer.status, answer.text]).toEqual([201, expect.stringContaining('Your account is ready')]);
    expect(readLinks(answer.html).some(({ href }) => href === 'https://app.example/')).toBe(true);
    const user = await userOf(email);
    expect(user).toMatchObject({ email_verified: true, roles: ['admin'], name: 'Invited Person' });
    const read = await server.admin('GET', `invitations/${String(made.body.id)}`);
    expect(read.body).toMatchObject({ status: 'accepted', sub: user?.sub });
    const person = makePerson(server.issuer);
    await person.visit(app.begin().url);
    expect(sentBack(await person.signIn({ username: email, password }))).toHaveProperty('code');
  });

  it('is the only way in while strangers are not let in', async () => {
    const person = makePerson(server.issuer);
    expect(shown(await person.visit('/sign-up')).status).toBe(403);
    expect(shown(await person.visit(app.begin({ prompt: 'create' }).url)).status).toBe(403);
  });

  it('works once, and keeps working after a refused password', async () => {
    const email = newAddress();
    await invite({ email });
    const { person, link } = await open(email);
    const refused = shown(await person.submit({ password: 'short' }));
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('at least 15')]);
    expect(shown(await person.submit({ password })).status).toBe(201);
    const again = shown(await person.visit(link));
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('used already')]);
  });

  it('is revoked, and its link says so', async () => {
    const email = newAddress();
    const { body } = await invite({ email });
    const { person } = await open(email);
    expect((await server.admin('DELETE', `invitations/${String(body.id)}`)).status).toBe(204);
    const late = shown(await person.submit({ password }));
    expect([late.status, late.text]).toEqual([400, expect.stringContaining('taken back')]);
    expect((await server.admin('DELETE', `invitations/${String(body.id)}`)).status).toBe(409);
    await expect(userOf(email)).resolves.toBeUndefined();
  });

  it('gives an account that is there already nothing', async () => {
    const who = await addAccount(server, newAddress());
    const refused = await invite({ email: who.username.toUpperCase(), roles: ['admin'] });
    expect([refused.status, refused.body.code]).toEqual([409, 'login_name_taken']);
    const email = newAddress();
    await invite({ email, roles: ['admin'] });
    const { person } = await open(email);
    await addAccount(server, email);
    const late = shown(await person.submit({ password }));
    expect([late.status, late.text]).toEqual([400, expect.stringContaining('has an account already')]);
    await expect(userOf(email)).resolves.toMatchObject({ roles: [] });
  });

  it('with roles takes the scope that gives out roles, to make and to revoke', async () => {
    const token = await server.adminToken(['users:write']);
    const ask = async (method: string, path: string, body?: unknown) =>
      fetch(`${server.issuer}/api/admin/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const email = newAddress();
    expect((await ask('POST', 'invitations', { email, roles: ['admin'] })).status).toBe(403);
    expect((await ask('POST', 'invitations', { email })).status).toBe(201);
    const { body } = await invite({ email: newAddress(), roles: ['admin'] });
    expect((await ask('DELETE', `invitations/${String(body.id)}`)).status).toBe(403);
    const mails = await readMailbox(server.issuer);
    expect(mails.filter(({ to }) => to === email).length).toBeLessThan(2);
  });

  it.each([
    ['an unknown role', { roles: ['nobody'] }, 'roles'],
    ['an unknown client', { client_id: 'nobody' }, 'client_id'],
    ['a field that is none', { password: 'x' }, 'password'],
    ['a bad address', { email: 'a@b@example.org' }, 'email'],
  ])('with %s is refused', async (_what, body, field) => {
    const { status, body: problem } = await invite({ email: newAddress(), ...body });
    expect([status, problem]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ field })] }),
    ]);
  });

  it('is listed in pages', async () => {
    const first = await server.admin('GET', 'invitations?limit=2');
    expect(first.body.items).toHaveLength(2);
    const next = await server.admin('GET', `invitations?limit=2&after=${String(first.body.next)}`);
    expect(next.body.items?.[0]?.id).not.toBe(first.body.items?.[0]?.id);
  });
});
