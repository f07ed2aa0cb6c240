import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addAccount, shown } from '../flows/protocol/app.ts';
import { linkTo, mailTo, readMailbox } from '../support/mailbox.ts';
import { makePerson, type Person } from '../support/person.ts';
import { waitFor } from '../support/wait-for.ts';
import { atOnce, rawPost } from './barrier.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const password = 'seven otters paint blue doors';

describe('sign-up under attack', () => {
  let attacked: Attacked;
  let count = 0;
  beforeAll(async () => {
    attacked = await startAttacked({ both: { GATEHOUSE_SIGN_UP_USERNAME: 'true' } });
  }, 120_000);
  afterAll(() => attacked.dispose());

  const newAddress = (): string => `attacked-${count++}@example.org`;
  const at = (person: Person = makePerson(attacked.issuer)) => person;
  const openForm = async (person = at()) => {
    await person.visit(attacked.apps.c1.begin({ prompt: 'create' }).url);
    return person;
  };
  const signUp = async (email: string, person = at(), more: Record<string, string> = {}) => {
    await openForm(person);
    return shown(await person.submit({ email, password, ...more }));
  };
  const mailsTo = async (address: string) =>
    (await readMailbox(attacked.issuer)).filter(({ to }) => to === address);
  const settled = () =>
    waitFor('nothing is left in the outbox', async () => {
      const [row] = await attacked.database.rows(
        `select count(*)::int as waiting from outbox_message where state = 'waiting'`,
      );
      return row?.waiting === 0;
    });
  const accountsOf = (address: string) =>
    attacked.database.rows(
      `select a.id from login_name n join account a on a.id = n.account_id where n.name = '${address.toLowerCase()}'`,
    );
  const post = (person: Person, fields: Record<string, string>, process: 0 | 1 = 0) => {
    const { url, forms } = person.page();
    const form = forms.find((one) => one.fields.includes('password') || one.fields.includes('token'));
    if (form === undefined) throw new Error(`no form on ${url.href}`);
    const target = new URL(form.action, url);
    return attacked.send(target.pathname + target.search, {
      process,
      method: 'POST',
      headers: {
        cookie: person.jar.header(target) ?? '',
        origin: attacked.issuer,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'text/html',
      },
      body: new URLSearchParams({ ...form.values, ...fields }).toString(),
    });
  };

  describe('D01', () => {
    /** What differs from request to request by itself. */
    const masked = (text: string, address: string) =>
      text
        .replaceAll(address, 'ADDRESS')
        .replaceAll(/[\w-]{43}/g, 'RANDOM')
        .replaceAll(/client_id=[\w-]+/g, 'client_id=C')
        .replaceAll(/expires=[^;]+/g, 'expires=T');
    const answersFor = async (address: string) => {
      const person = await openForm();
      const answer = await post(person, { email: address, password });
      const page = await signUp(address);
      const again = await (async () => {
        const other = at();
        await signUp(address, other);
        return shown(await other.submit({}, { action: '/sign-up/resend' }));
      })();
      const { date: _date, 'x-request-id': _id, ...headers } = answer.headers;
      return {
        status: answer.status,
        headers: masked(JSON.stringify(headers), address),
        page: masked(page.html, address),
        again: masked(again.html, address),
      };
    };

    it('register and resend answer the same for a new, a taken, a waiting and a limited address', async () => {
      const taken = (await addAccount(attacked.servers[0], newAddress())).username;
      const disabled = attacked.people.disabled.username;
      const fresh = newAddress();
      const first = await answersFor(fresh);
      for (const address of [taken, disabled, fresh, newAddress()])
        await expect(answersFor(address)).resolves.toEqual(first);
    });

    it('register asks the database the same for each of them', async () => {
      const taken = (await addAccount(attacked.servers[0], newAddress())).username;
      const work = async (address: string) => {
        const before = await attacked.database.counts();
        await signUp(address);
        const after = await attacked.database.counts();
        return [
          (after.sign_up ?? 0) - (before.sign_up ?? 0),
          (after.outbox_message ?? 0) - (before.outbox_message ?? 0) > 0,
        ];
      };
      await expect(work(taken)).resolves.toEqual([1, true]);
      await expect(work(newAddress())).resolves.toEqual([1, true]);
    });
  });

  it('D14 the user name of a sign-up is never an address, and never takes one that is there', async () => {
    const { username } = attacked.people.user;
    const refused = await signUp(newAddress(), at(), { username });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('has no @')]);
    const email = newAddress();
    await addAccount(attacked.servers[0], newAddress(), { preferred_username: 'somebody.else' });
    const person = at();
    await signUp(email, person, { username: 'SOMEBODY.ELSE' });
    await person.visit(linkTo('/verify-email', await mailTo(attacked.issuer, email, 'Confirm')));
    await person.submit({}, { action: '/verify-email' });
    const [row] = await attacked.database.rows(
      `select count(*)::int as names from login_name where name = 'somebody.else'`,
    );
    expect(row).toEqual({ names: 1 });
  });

  it.each([
    'host',
    'x-forwarded-host',
    'forwarded',
    'x-forwarded-proto',
    'x-original-host',
    'x-host',
    'x-forwarded-server',
  ])('F01 a link begins with the configured issuer whatever %s says', async (header) => {
    const email = newAddress();
    const person = await openForm();
    const { url, forms } = person.page();
    const form = forms.find((one) => one.fields.includes('password'));
    const target = new URL(form?.action ?? '', url);
    const answer = await attacked.send(target.pathname + target.search, {
      method: 'POST',
      headers: {
        cookie: person.jar.header(target) ?? '',
        'content-type': 'application/x-www-form-urlencoded',
        [header]: header === 'forwarded' ? 'host=evil.example;proto=http' : 'evil.example',
      },
      body: new URLSearchParams({ ...form?.values, email, password }).toString(),
    });
    if (header === 'host') return expect(answer.status).toBe(421);
    const mail = await mailTo(attacked.issuer, email);
    for (const link of mail.links) expect(link.startsWith(`${attacked.issuer}/`)).toBe(true);
  });

  it('F05 a link of a sign-up does nothing as a link of another kind, and none after a newer one', async () => {
    const email = newAddress();
    const person = at();
    await signUp(email, person);
    const link = linkTo('/verify-email', await mailTo(attacked.issuer, email));
    const token = link.searchParams.get('token') ?? '';
    const reset = shown(await at().visit(`/reset-password?token=${token}`));
    expect(reset.status).toBe(400);
    await attacked.database.rows(`delete from mail_allowance`);
    await person.visit(person.page().url.href);
    await person.submit({}, { action: '/sign-up/resend' });
    await mailTo(attacked.issuer, email, 'Confirm', 2);
    const old = shown(await at().visit(link));
    expect([old.status, old.text]).toEqual([400, expect.stringContaining('A newer mail was sent')]);
  });

  it('F05 a link does nothing after its time', async () => {
    const email = newAddress();
    await signUp(email);
    const link = linkTo('/verify-email', await mailTo(attacked.issuer, email));
    const reader = at();
    await reader.visit(link);
    await attacked.database.rows(
      `update one_time_link set expires_at = now() - interval '1 second' where address = '${email}'`,
    );
    const late = shown(await reader.submit({}, { action: '/verify-email' }));
    expect([late.status, late.text]).toEqual([400, expect.stringContaining('too old')]);
    await expect(accountsOf(email)).resolves.toEqual([]);
  });

  it('F06 HEAD and GET of a link use nothing up, and its page sends no address to others', async () => {
    const email = newAddress();
    await signUp(email);
    const link = linkTo('/verify-email', await mailTo(attacked.issuer, email));
    for (const method of ['HEAD', 'GET', 'GET'])
      expect((await attacked.send(link.pathname + link.search, { method })).status).toBe(200);
    const seen = await attacked.send(link.pathname + link.search, { process: 1 });
    expect(seen.headers['referrer-policy']).toBe('same-origin');
    await expect(accountsOf(email)).resolves.toEqual([]);
    const reader = at();
    await reader.visit(link);
    expect(shown(await reader.submit({}, { action: '/verify-email' })).status).toBe(200);
    await expect(accountsOf(email)).resolves.toHaveLength(1);
  });

  it('F02 of 50 who use one link at once over two processes one makes the account', async () => {
    const email = newAddress();
    await signUp(email);
    const reader = at();
    await reader.visit(linkTo('/verify-email', await mailTo(attacked.issuer, email)));
    const form = reader.page().forms.find(({ action }) => action.endsWith('/verify-email'));
    const request = rawPost(
      new URL(attacked.issuer).host,
      '/verify-email',
      { cookie: reader.jar.header(new URL(attacked.issuer)) ?? '', origin: attacked.issuer },
      form?.values ?? {},
    );
    const answers = await atOnce(
      attacked.servers.map(({ port }) => port),
      Array.from({ length: 50 }, () => request),
    );
    expect(answers.filter(({ body }) => body.includes('Go back to the browser'))).toHaveLength(1);
    await expect(accountsOf(email)).resolves.toHaveLength(1);
  });

  it('F07 500 requests for one address send one mail, and answer alike', async () => {
    const email = newAddress();
    const person = at();
    await signUp(email, person);
    const answers = new Set<number>();
    for (let asked = 0; asked < 500; asked += 1)
      answers.add(shown(await person.submit({}, { action: '/sign-up/resend' })).status);
    expect([...answers]).toEqual([200]);
    await settled();
    await expect(mailsTo(email)).resolves.toHaveLength(1);
  }, 120_000);

  it.each([
    ['two @', 'a@b@example.org'],
    ['a quoted local part', '"a b"@example.org'],
    ['a full-width @', 'a＠example.org'],
    ['CRLF', 'a@example.org\r\nBcc: b@example.org'],
    ['a second address', 'a@example.org, b@example.org'],
    ['a comment', `a@example.org${'('.repeat(500)}${')'.repeat(500)}`],
    ['320 bytes', `${'a'.repeat(64)}@${'b.'.repeat(125)}example.org`],
    ['a script that mail cannot carry before the @', 'имя@example.org'],
  ])('F12 refuses %s in plain words, and nothing is kept', async (_what, email) => {
    const before = await attacked.database.counts();
    const person = await openForm();
    const answer = await post(person, { email, password });
    expect([answer.status, answer.text]).toEqual([422, expect.stringMatching(/address|one @/)]);
    const after = await attacked.database.counts();
    expect([after.sign_up, after.outbox_message]).toEqual([before.sign_up, before.outbox_message]);
  });

  it('F14 an address that is used again after its account was deleted is a new person', async () => {
    const gone = await addAccount(attacked.servers[0], newAddress());
    await attacked.servers[0].admin('DELETE', `users/${gone.sub}`);
    const person = at();
    await signUp(gone.username, person);
    await person.visit(linkTo('/verify-email', await mailTo(attacked.issuer, gone.username, 'Confirm')));
    await person.submit({}, { action: '/verify-email' });
    const [account] = await accountsOf(gone.username);
    expect(account?.id).toEqual(expect.any(String));
    expect(account?.id).not.toBe(gone.sub);
  });

  it.each([
    'role',
    'roles',
    'scopes',
    'emailVerified',
    'email_verified',
    'sub',
    'passwordHash',
    'disabled',
    '__proto__',
  ])('I01 refuses the field %s, and nothing is kept', async (field) => {
    const before = await attacked.database.counts();
    const person = await openForm();
    const answer = await post(person, { email: newAddress(), password, [field]: 'admin' });
    expect(answer.status).toBe(400);
    const after = await attacked.database.counts();
    expect([after.sign_up, after.account]).toEqual([before.sign_up, before.account]);
  });

  it('J01, J02 what strangers write becomes text on pages and in mail', async () => {
    const script = '<script>alert(1)</script><img src=x onerror=alert(2)>';
    const person = at();
    await person.visit(attacked.apps.c1.begin({ prompt: 'create', login_hint: `"><b>${script}@x` }).url);
    expect(person.page().html).not.toContain('<script>alert');
    const refused = shown(await person.submit({ email: `${script}@x`, password, name: script }));
    expect(refused.html).not.toContain('<img src=x');
    const email = newAddress();
    await signUp(email, person, { name: script });
    const mail = await mailTo(attacked.issuer, email);
    expect(mail.html).not.toContain('<script>');
    const token = shown(await person.visit(`/verify-email?token=${encodeURIComponent(script)}`));
    expect(token.html).not.toContain('<img src=x');
  });
});

describe('a server that is closed to sign-ups', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked({ both: { GATEHOUSE_SIGN_UP: 'closed' } });
    await attacked.servers[0].admin('PATCH', 'clients/c1', { sign_up: 'open' });
  }, 120_000);
  afterAll(() => attacked.dispose());

  it('D15 is closed at every entry point, whatever a client has of its own, and keeps nothing', async () => {
    const before = await attacked.database.counts();
    const person = makePerson(attacked.issuer);
    expect(shown(await person.visit('/sign-up')).status).toBe(403);
    expect((await attacked.send('/sign-up', { method: 'POST' })).status).toBe(403);
    const created = shown(await person.visit(attacked.apps.c1.begin({ prompt: 'create' }).url));
    expect([created.status, created.text]).toEqual([403, expect.stringContaining('Nobody can sign up here')]);
    const signIn = shown(await person.visit(attacked.apps.c1.begin().url));
    expect(signIn.text).not.toContain('Create an account');
    const path = signIn.url.pathname.replace(/\/login$/, '');
    const csrf = signIn.forms[0]?.values.csrf ?? '';
    const headers = {
      cookie: person.jar.header(signIn.url) ?? '',
      origin: attacked.issuer,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const body = new URLSearchParams({ csrf, email: 'new@example.org', password }).toString();
    for (const process of [0, 1] as const) {
      const posted = await attacked.send(`${path}/sign-up`, { process, method: 'POST', headers, body });
      expect(posted.status).toBe(403);
    }
    const after = await attacked.database.counts();
    expect([after.sign_up, after.account]).toEqual([before.sign_up, before.account]);
  });
});
