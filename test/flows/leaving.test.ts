import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { pixels } from '../support/pictures.ts';
import { waitFor } from '../support/wait-for.ts';
import { type AccountServer, type ApiUser, startAccountServer } from './account-fixture.ts';
import { addAccount, shown } from './protocol/app.ts';

/** Every row of every table that says one of these words, by table, except what is still to be sent. */
async function findTraces(server: AccountServer, words: readonly string[]): Promise<string[]> {
  const tables = await server.rows<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE'`,
  );
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await server.rows<{ row: string }>(`select t::text as row from "${name}" t`);
      return rows
        .filter(({ row }) => words.some((word) => row.toLowerCase().includes(word.toLowerCase())))
        .map(({ row }) => `${name}: ${row}`);
    }),
  );
  return found.flat().filter((row) => !row.includes('Your account is deleted'));
}

describe('an account that its owner deletes', () => {
  let server: AccountServer;
  beforeAll(async () => {
    server = await startAccountServer();
  });
  afterAll(() => server.dispose());

  const fill = async (user: ApiUser) => {
    await user.request('PATCH', '/profile', {
      nickname: 'Quetzalcoatlus',
      address: { locality: 'Xochimilco' },
    });
    await fetch(`${server.issuer}/api/account/v1/profile/picture`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'image/png' },
      body: new Uint8Array(await pixels(20, 20).png()),
    });
    await user.request('POST', '/notification-email', { email: 'quetzal-second@example.net' });
    const mail = await mailTo(server.issuer, 'quetzal-second@example.net');
    const reader = makePerson(server.issuer);
    await reader.visit(linkTo('/confirm-notification-email', mail));
    await reader.submit({});
    await user.request('POST', '/email', { email: 'quetzal-new@example.net' });
    await mailTo(server.issuer, 'quetzal-new@example.net');
    await makePerson(server.issuer).visit('/forgot-password');
  };

  it('is gone without a trace of name or address in any table, and a new one is somebody else', async () => {
    const email = 'quetzal@example.org';
    const who = await addAccount(server, email, { name: 'Itzpapalotl', preferred_username: 'quetzal.one' });
    const user = await server.signInToApi(who);
    await fill(user);
    const words = ['quetzal', 'Itzpapalotl', 'Xochimilco'];
    expect(await findTraces(server, words)).not.toEqual([]);
    const refused = await user.request('DELETE', '/', { confirmation: 'somebody@example.org' });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    const gone = await user.request('DELETE', '/', { confirmation: ' QUETZAL@example.org ' });
    expect(gone).toMatchObject({ status: 200, body: { deleted: true, due_at: null } });
    expect((await user.request('GET', '/profile')).status).toBe(401);
    await mailTo(server.issuer, email, 'is deleted');
    await mailTo(server.issuer, 'quetzal-second@example.net', 'is deleted');
    await waitFor('everything owed is delivered', async () => {
      const rows = await server.rows(`select 1 from outbox_message where state = 'waiting'`);
      return rows.length === 0;
    });
    expect(await findTraces(server, words)).toEqual([]);
    for (const table of [
      'password_credential',
      'account_picture',
      'session_detail',
      'oidc_artifact',
      'consent',
    ])
      expect(await server.rows(`select 1 from ${table} where account_id = ?`, [who.sub])).toEqual([]);
    const audit = await server.rows<{ type: string; ip: string | null }>(
      `select type, ip from audit_event where account_id = ? or actor_id = ? order by id`,
      [who.sub, who.sub],
    );
    expect(audit.map(({ type }) => type)).toEqual(expect.arrayContaining(['user.created', 'user.deleted']));
    expect(audit.filter(({ type, ip }) => ip !== null && type !== 'user.created')).toEqual([]);
    const later = await addAccount(server, email);
    expect(later.sub).not.toBe(who.sub);
  });

  it('is deleted on its page by who types their own user name there, and not otherwise', async () => {
    const user = await server.apiUser({ preferred_username: 'mictlan' });
    await user.person.visit('/account/data');
    const refused = shown(await user.person.submit({ confirmation: 'yes' }, { button: 'delete' }));
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Nothing was deleted')]);
    const gone = shown(await user.person.submit({ confirmation: 'Mictlan' }, { button: 'delete' }));
    expect([gone.status, gone.text]).toEqual([200, expect.stringContaining('Your account is deleted')]);
    await user.person.visit('/account/data');
    expect(user.person.page().text).toContain('Sign in');
  });

  it('is not that of the last administrator; of two who leave at once, one stays', async () => {
    const { email, password } = server.bootstrap;
    const { body } = await server.admin('GET', `users?email=${encodeURIComponent(email)}`);
    const admin = { sub: String(body.items?.[0]?.sub), username: email, password };
    const alone = await server.signInToApi(admin);
    const refused = await alone.request('DELETE', '/', { confirmation: email });
    expect(refused).toMatchObject({ status: 409, body: { code: 'last_administrator' } });
    const second = await server.apiUser({ roles: ['admin'] });
    const both = await Promise.all(
      [alone, second].map((user) => user.request('DELETE', '/', { confirmation: user.who.username })),
    );
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });
});

describe('an account that is deleted after a grace', () => {
  let server: AccountServer;
  beforeAll(async () => {
    server = await startAccountServer({
      GATEHOUSE_ACCOUNT_DELETION_GRACE: '30d',
      GATEHOUSE_JANITOR_INTERVAL: '1s',
    });
  });
  afterAll(() => server.dispose());

  const ask = async (user: ApiUser) => {
    const { username } = user.who;
    const { status, body } = await user.request('DELETE', '/', { confirmation: username });
    expect([status, body.deleted]).toEqual([200, false]);
    return linkTo('/cancel-deletion', await mailTo(server.issuer, username, 'will be deleted'));
  };

  it('is closed, and opens again by the link in the mail', async () => {
    const user = await server.apiUser();
    const link = await ask(user);
    expect((await user.request('GET', '/profile')).status).toBe(401);
    await expect(server.signInToApi(user.who)).rejects.toThrow(/./);
    const reader = makePerson(server.issuer);
    await reader.visit(link);
    const kept = shown(await reader.submit({}));
    expect([kept.status, kept.text]).toEqual([200, expect.stringContaining('open again')]);
    await expect(server.signInToApi(user.who)).resolves.toBeDefined();
    const again = shown(await reader.visit(link));
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('used already')]);
  });

  it('is deleted when the grace is over, and the link does nothing any more', async () => {
    const user = await server.apiUser();
    const link = await ask(user);
    await server.rows(`update account_deletion set due_at = now() where account_id = ?`, [user.who.sub]);
    await waitFor('the account is gone', async () => {
      const { status } = await server.admin('GET', `users/${user.who.sub}`);
      return status === 404;
    });
    expect(shown(await makePerson(server.issuer).visit(link)).status).toBe(400);
    await mailTo(server.issuer, user.who.username, 'is deleted');
  });

  it('stays when an operator has opened it meanwhile', async () => {
    const user = await server.apiUser();
    await ask(user);
    await server.admin('PATCH', `users/${user.who.sub}`, { status: 'active' });
    await server.rows(`update account_deletion set due_at = now() where account_id = ?`, [user.who.sub]);
    await waitFor('the note is done with', async () => {
      const rows = await server.rows(`select 1 from account_deletion where account_id = ?`, [user.who.sub]);
      return rows.length === 0;
    });
    await expect(server.signInToApi(user.who)).resolves.toBeDefined();
  });
});
