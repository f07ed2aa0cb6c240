import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makePerson } from '../support/person.ts';
import { accountPage, makeRelyingParty } from '../support/relying-party.ts';
import { type AdminServer, pagesOf, personTokens, startAdminServer, textOf } from './admin-fixture.ts';

let server: AdminServer;
/** May write users, but gives out no roles. */
let partial: string;
beforeAll(async () => {
  server = await startAdminServer();
  partial = await server.adminToken(['users:write']);
});
afterAll(() => server.dispose());

const aWord = () => `w${randomBytes(6).toString('hex')}`;
const anAddress = () => `${aWord()}@example.com`;

async function create(user: object = {}): Promise<string> {
  const { status, body } = await server.admin('POST', 'users', { email: anAddress(), ...user });
  expect(status).toBe(201);
  return String(body.sub);
}

async function administrator(): Promise<string> {
  const { body } = await server.admin('GET', `users?email=${server.bootstrap.email}`);
  return String(body.items?.[0]?.sub);
}

const asPartial = (method: string, path: string, body?: unknown) =>
  server.admin(method, path, body, { authorization: `Bearer ${partial}` });

describe('adding a user', () => {
  it('answers 201 with the whole user in the claim names of OIDC, and without the password', async () => {
    const email = anAddress();
    const username = aWord();
    const password = `long-${randomBytes(12).toString('hex')}`;
    const given = {
      email,
      email_verified: true,
      preferred_username: username,
      name: 'Großmann 日本',
      given_name: 'A',
      website: 'http://people.example.com/~a',
      birthdate: '1980-02-29',
      locale: 'de-AT',
      address: { formatted: 'Some street 1\nSome town', country: 'AT' },
      roles: ['admin'],
      status: 'active',
    };
    const answer = await server.admin('POST', 'users', { ...given, password });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"v1"');
    expect(answer.headers.get('location')).toBe(
      `${server.issuer}/api/admin/v1/users/${textOf(answer.body.sub)}`,
    );
    expect(answer.body).toEqual({
      sub: expect.stringMatching(/^[\w-]{22}$/),
      ...given,
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
    });
    await expect(server.admin('GET', `users/${textOf(answer.body.sub)}`)).resolves.toMatchObject({
      body: answer.body,
    });
    await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
      { type: 'user.created', actor_id: 'test-operator', account_id: answer.body.sub },
    ]);
    expect(await server.dump()).not.toContain(password);
    expect(server.output()).not.toContain(password);
  });

  it('makes somebody who can sign in by address and by name', async () => {
    const [email, username, password] = [anAddress(), aWord(), 'a password of some length'];
    await create({ email, preferred_username: username, password });
    const app = makeRelyingParty(server.issuer, accountPage(server.issuer));
    for (const name of [email, username, email.toUpperCase()]) {
      const tokens = await app.signIn(makePerson(server.issuer), { username: name, password });
      expect(tokens.status).toBe(200);
    }
  });

  it.each<[string, (taken: string, name: string) => object]>([
    ['the same address', (taken) => ({ email: taken })],
    ['the same address in other letters', (taken) => ({ email: taken.toUpperCase() })],
    ['the same user name', (_taken, name) => ({ preferred_username: name.toUpperCase() })],
  ])('is refused with 409 for %s', async (_what, make) => {
    const [email, username] = [anAddress(), aWord()];
    await create({ email, preferred_username: username });
    const before = await server.countRows();
    const answer = await server.admin('POST', 'users', { ...make(email, username) });
    expect(answer).toMatchObject({ status: 409, body: { code: 'login_name_taken' } });
    await expect(server.countRows()).resolves.toEqual(before);
  });

  it.each<[string, object, string[]]>([
    ['nobody', {}, ['email']],
    ['no address', { email: 'x' }, ['email']],
    ['two addresses', { email: 'a@example.com,b@example.com' }, ['email']],
    ['a header in the address', { email: 'a@example.com\r\nBcc: b@example.com' }, ['email']],
    ['an address as user name', { preferred_username: 'a@example.com' }, ['preferred_username']],
    ['a short password', { preferred_username: aWord(), password: 'short' }, ['password']],
    [
      'a password longer than 1,024 bytes',
      { preferred_username: aWord(), password: 'a'.repeat(1025) },
      ['password'],
    ],
    ['a role that there is not', { preferred_username: aWord(), roles: ['emperor'] }, ['roles']],
    ['a name of two lines', { preferred_username: aWord(), name: 'a\nb' }, ['name']],
    ['a picture that is a script', { preferred_username: aWord(), picture: 'javascript:x' }, ['picture']],
  ])('is refused with 400 and the field for %s', async (_what, user, fields) => {
    const answer = await server.admin('POST', 'users', user);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect((answer.body.errors as { field: string }[]).map(({ field }) => field)).toEqual(fields);
  });
});

describe('finding users', () => {
  it('by the beginning of address, name and user name, by the whole of them, and by status', async () => {
    const word = aWord();
    const found = async (query: string) =>
      ((await server.admin('GET', `users?${query}`)).body.items ?? []).map(({ sub }) => sub);
    const byAddress = await create({ email: `${word}-1@example.com` });
    const byName = await create({ name: `${word.toUpperCase()} the Second` });
    const byUsername = await create({ preferred_username: `${word}-3`, status: 'disabled' });
    await expect(found(`search=${word}`)).resolves.toEqual([byAddress, byName, byUsername]);
    await expect(found(`search=${word}&status=disabled`)).resolves.toEqual([byUsername]);
    await expect(found(`email=${word.toUpperCase()}-1@EXAMPLE.com`)).resolves.toEqual([byAddress]);
    await expect(found(`username=${word}-3`)).resolves.toEqual([byUsername]);
    await expect(found(`username=${word}`)).resolves.toEqual([]);
  });

  it('page by page', async () => {
    const word = aWord();
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.push(await create({ name: `${word} ${index}` }));
    const seen: unknown[] = [];
    for await (const page of pagesOf(server, 'users', `limit=2&search=${word}`)) {
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page.map(({ sub }) => sub));
    }
    expect(seen).toEqual(made);
  });

  it('answers 404 for ids that there are not', async () => {
    for (const id of ['nobody', "'%20or%20true--", 'a'.repeat(300)]) {
      await expect(server.admin('GET', `users/${id}`)).resolves.toMatchObject({
        status: 404,
        body: { code: 'user_not_found' },
      });
    }
  });
});

describe('changing a user', () => {
  it('changes what the patch names, inside the address too, and removes what it sets to null', async () => {
    const sub = await create({ name: 'Before', nickname: 'B', address: { locality: 'A', country: 'AT' } });
    const patched = await server.admin(
      'PATCH',
      `users/${sub}`,
      { name: 'After', nickname: null, address: { locality: 'B' } },
      { 'content-type': 'application/merge-patch+json', 'if-match': '"v1"' },
    );
    expect(patched).toMatchObject({
      status: 200,
      body: { name: 'After', address: { locality: 'B', country: 'AT' } },
    });
    expect(patched.body).not.toHaveProperty('nickname');
    expect(patched.headers.get('etag')).toBe('"v2"');
    const late = await server.admin('PATCH', `users/${sub}`, { name: 'Late' }, { 'if-match': '"v1"' });
    expect(late).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
  });

  it('takes a new address for unverified, unless the patch says otherwise', async () => {
    const sub = await create({ email_verified: true });
    const renamed = await server.admin('PATCH', `users/${sub}`, { name: 'Somebody' });
    expect(renamed.body).toMatchObject({ email_verified: true });
    const moved = await server.admin('PATCH', `users/${sub}`, { email: anAddress() });
    expect(moved.body).toMatchObject({ email_verified: false });
    const known = await server.admin('PATCH', `users/${sub}`, { email: anAddress(), email_verified: true });
    expect(known.body).toMatchObject({ email_verified: true });
  });

  it.each<[object, string]>([
    [{ email: null }, 'email'],
    [{ password: null }, 'password'],
    [{ password: 'a long enough password' }, 'password'],
    [{ roles: ['emperor'] }, 'roles'],
    [{ status: 'gone' }, 'status'],
    [{ address: { planet: 'x' } }, 'address.planet'],
  ])('is refused for %j', async (patch, field) => {
    const sub = await create();
    await expect(server.admin('PATCH', `users/${sub}`, patch)).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field }] },
    });
  });

  it('ends what a disabled person has begun', async () => {
    const { access: token } = await personTokens(server);
    const userinfo = () =>
      fetch(`${server.issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    expect((await userinfo()).status).toBe(200);
    const sub = await administrator();
    await expect(server.admin('PATCH', `users/${sub}`, { status: 'disabled' })).resolves.toMatchObject({
      status: 200,
    });
    expect((await userinfo()).status).toBe(401);
    await expect(server.admin('PATCH', `users/${sub}`, { status: 'active' })).resolves.toMatchObject({
      status: 200,
    });
  });
});

describe('I02: who may only write users', () => {
  it('may add and change ordinary people', async () => {
    const made = await asPartial('POST', 'users', { email: anAddress(), roles: [] });
    expect(made.status).toBe(201);
    const path = `users/${textOf(made.body.sub)}`;
    expect((await asPartial('PATCH', path, { name: 'Somebody' })).status).toBe(200);
    expect((await asPartial('POST', `${path}/reset-password`)).status).toBe(204);
    expect((await asPartial('DELETE', path)).status).toBe(204);
  });

  it('gives nobody a role, takes none away, and does not touch an administrator', async () => {
    const ordinary = await create();
    const admin = await administrator();
    const before = await server.dump();
    for (const [method, path, body] of [
      ['POST', 'users', { email: anAddress(), roles: ['admin'] }],
      ['PATCH', `users/${ordinary}`, { roles: ['admin'] }],
      ['PATCH', `users/${ordinary}`, { roles: null }],
      ['POST', `users/${admin}/reset-password`, undefined],
      ['PATCH', `users/${admin}`, { email: anAddress() }],
      ['PATCH', `users/${admin}`, { preferred_username: aWord() }],
      ['PATCH', `users/${admin}`, { status: 'disabled' }],
      ['PATCH', `users/${admin}`, { roles: [] }],
      ['DELETE', `users/${admin}`, undefined],
    ] as const) {
      const answer = await asPartial(method, path, body);
      expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
      // What is missing is named: the scope for roles, or what the administrator has and the caller has not.
      expect(answer.headers.get('www-authenticate')).toMatch(/scope="(?:roles:write|clients:read)"/);
      await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
        { type: 'admin.refused', actor_id: 'test-operator', data: { reason: 'insufficient_scope' } },
      ]);
    }
    const accounts = (dump: string): unknown => JSON.parse(dump).slice(0, 4);
    expect(accounts(await server.dump())).toEqual(accounts(before));
  });
});

describe('deleting a user', () => {
  it('answers 204 once, and the address is free for somebody else with another sub', async () => {
    const email = anAddress();
    const sub = await create({ email, password: 'a password of some length' });
    const gone = await server.admin('DELETE', `users/${sub}`, undefined, { 'if-match': '"v1"' });
    expect([gone.status, gone.body]).toEqual([204, {}]);
    await expect(server.auditOf(gone.headers)).resolves.toMatchObject([
      { type: 'user.deleted', account_id: sub },
    ]);
    await expect(server.admin('DELETE', `users/${sub}`)).resolves.toMatchObject({ status: 404 });
    expect(await create({ email })).not.toBe(sub);
  });
});
