import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { type AccountServer, startAccountServer } from './account-fixture.ts';
import { type App, addAccount, registerApp, sentBack, shown, signInAndAllow } from './protocol/app.ts';

const password = 'seven otters paint blue doors';

describe('attributes that an operator defines', () => {
  let server: AccountServer;
  let app: App;
  beforeAll(async () => {
    server = await startAccountServer();
    app = await registerApp(server, { scope: 'openid profile library' });
  });
  afterAll(() => server.dispose());

  const define = async (body: Record<string, unknown>) => {
    const { status, body: made } = await server.admin('POST', 'user-attributes', {
      display_name: { default: 'Shelf' },
      type: 'text',
      ...body,
    });
    if (status !== 201) throw new Error(`not defined: ${status} ${JSON.stringify(made)}`);
    return made;
  };
  const faultyFields = ({ errors }: Record<string, unknown>): string[] =>
    (errors as { field: string }[]).map(({ field }) => field).toSorted();
  const remove = (name: string) => server.admin('DELETE', `user-attributes/${name}`);
  const metadata = async (): Promise<{ scopes_supported: string[]; claims_supported: string[] }> =>
    (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json() as never;

  it('are a collection of the admin API', async () => {
    const made = await define({
      name: 'floor',
      type: 'number',
      validation: { integer: true },
      person_access: 'write',
    });
    expect(made).toMatchObject({
      name: 'floor',
      display_name: { default: 'Shelf' },
      validation: { integer: true },
      person_access: 'write',
      operator_access: 'write',
      required_at_sign_up: false,
      claim: null,
    });
    const twice = await server.admin('POST', 'user-attributes', {
      name: 'floor',
      display_name: { default: 'Floor' },
      type: 'text',
    });
    expect(twice).toMatchObject({ status: 409, body: { code: 'attribute_taken' } });
    const patched = await server.admin('PATCH', 'user-attributes/floor', {
      display_name: { de: 'Stock' },
      validation: { max: 9 },
    });
    expect(patched).toMatchObject({
      status: 200,
      body: { display_name: { default: 'Shelf', de: 'Stock' }, validation: { integer: true, max: 9 } },
    });
    const stale = await server.admin(
      'PUT',
      'user-attributes/floor',
      { display_name: { default: 'Floor' }, type: 'number' },
      { 'if-match': '"v1"' },
    );
    expect(stale.status).toBe(412);
    const replaced = await server.admin('PUT', 'user-attributes/floor', {
      display_name: { default: 'Floor' },
      type: 'number',
    });
    expect(replaced).toMatchObject({ status: 200, body: { validation: {}, person_access: 'read' } });
    const list = await server.admin('GET', 'user-attributes?limit=1');
    expect(list.body).toMatchObject({ items: [{ name: 'floor' }], next: null });
    expect((await server.admin('GET', 'user-attributes/floor')).headers.get('etag')).toBe('"v3"');
    expect((await remove('floor')).status).toBe(204);
    expect((await server.admin('GET', 'user-attributes/floor')).status).toBe(404);
    const events = await server.rows<{ type: string }>(
      `select type from audit_event where type like 'attribute.%' order by id`,
    );
    expect(events.map(({ type }) => type)).toEqual([
      'attribute.defined',
      'attribute.changed',
      'attribute.changed',
      'attribute.deleted',
    ]);
  });

  it.each([
    [{ name: 'sub' }, 'name'],
    [{ name: 'Shelf' }, 'name'],
    [{ name: '__proto__' }, 'name'],
    [{ name: 'ok', display_name: { de: 'Regal' } }, 'display_name'],
    [{ name: 'ok', type: 'regex' }, 'type'],
    [{ name: 'ok', validation: { pattern: '(a+)+$' } }, 'validation.pattern'],
    [{ name: 'ok', claim: { name: 'email', scope: 'profile' } }, 'claim.name'],
    [{ name: 'ok', claim: { name: 'shelf' } }, 'claim.scope'],
    [{ name: 'ok', required_at_sign_up: true }, 'required_at_sign_up'],
    [{ name: 'ok', owner: 'me' }, 'owner'],
  ])('are refused: %j for %s', async (body, field) => {
    const answer = await server.admin('POST', 'user-attributes', {
      display_name: { default: 'Shelf' },
      type: 'text',
      ...body,
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input', errors: [{ field }] } });
  });

  it('are configuration: whoever may only write users defines none', async () => {
    const token = await server.adminToken(['users:write', 'config:read']);
    const answer = await fetch(`${server.issuer}/api/admin/v1/user-attributes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'shelf', display_name: { default: 'Shelf' }, type: 'text' }),
    });
    expect(answer.status).toBe(403);
  });

  it('are checked wherever they are written, and each reader sees what is theirs', async () => {
    await define({ name: 'shelf', validation: { mask: 'A-99' }, person_access: 'write' });
    await define({ name: 'level', type: 'choice', validation: { values: ['one', 'two'] } });
    await define({ name: 'note', person_access: 'none' });
    await define({ name: 'secret', person_access: 'write', operator_access: 'none' });
    const refused = await server.admin('POST', 'users', {
      email: 'refused@example.org',
      attributes: { shelf: 'a-1', level: 'three', nowhere: 1, secret: 'x' },
    });
    expect(faultyFields(refused.body)).toEqual([
      'attributes.level',
      'attributes.nowhere',
      'attributes.secret',
      'attributes.shelf',
    ]);
    const attributes = { shelf: 'B-42', level: 'two', note: 'pays late' };
    const { request, who } = await server.apiUser({ attributes });
    expect((await request('GET', '/profile')).body.attributes).toEqual({ shelf: 'B-42', level: 'two' });

    const patch = (changes: Record<string, unknown>) => request('PATCH', '/profile', { attributes: changes });
    expect((await patch({ level: 'one' })).body.errors).toMatchObject([{ field: 'attributes.level' }]);
    expect((await patch({ note: null })).status).toBe(200);
    expect((await patch({ note: 'x' })).body.errors).toMatchObject([{ field: 'attributes.note' }]);
    expect((await patch({ shelf: 'b-42' })).status).toBe(400);
    expect((await patch({ shelf: 'C-01', secret: 'mine' })).body.attributes).toEqual({
      shelf: 'C-01',
      level: 'two',
      secret: 'mine',
    });
    const read = await server.admin('GET', `users/${who.sub}`);
    expect(read.body.attributes).toEqual({ shelf: 'C-01', level: 'two', note: 'pays late' });
    const changed = await server.admin('PATCH', `users/${who.sub}`, {
      attributes: { level: null },
      name: 'New',
    });
    expect(changed.body).toMatchObject({ name: 'New', attributes: { shelf: 'C-01', note: 'pays late' } });
    expect((await request('GET', '/profile')).body.attributes).toEqual({ shelf: 'C-01', secret: 'mine' });
    expect((await request('PATCH', '/profile', { nickname: 'Z' })).body.attributes).toEqual({
      shelf: 'C-01',
      secret: 'mine',
    });
    const exported = await request('GET', '/export');
    expect(exported.body).toMatchObject({ profile: { attributes: { shelf: 'C-01', secret: 'mine' } } });
    expect(JSON.stringify(exported.body.profile)).not.toContain('pays late');
    expect((await patch({ shelf: null, secret: null })).body).not.toHaveProperty('attributes');
    await server.admin('DELETE', `users/${who.sub}`);
    const left = await server.rows(`select 1 from account where profile::text like '%pays late%'`);
    expect(left).toEqual([]);
    for (const name of ['shelf', 'level', 'note', 'secret']) await remove(name);
  });

  it('come to apps as claims, with a standard scope or one of their own, without a restart', async () => {
    await define({ name: 'desk', claim: { name: 'desk', scope: 'profile' } });
    await define({
      name: 'room',
      type: 'number',
      display_name: { default: 'Room number' },
      claim: { name: 'https://example.org/room', scope: 'library' },
    });
    expect((await metadata()).scopes_supported).toContain('library');
    expect((await metadata()).claims_supported).toEqual(
      expect.arrayContaining(['desk', 'https://example.org/room']),
    );
    const who = await addAccount(server, 'reader@example.org', { attributes: { desk: 'D1', room: 7 } });
    const scope = 'openid profile library';
    const person = makePerson(server.issuer);
    const attempt = app.begin({ scope });
    await person.visit(attempt.url);
    const consent = shown(await person.signIn(who));
    expect(consent.text).toContain('See these details of you: Room number');
    const tokens = await app.redeem(attempt, await person.submit({}, { button: 'allow' }));
    const info = await app.userinfo(String(tokens.body.access_token));
    expect(info.body).toMatchObject({ sub: who.sub, desk: 'D1', 'https://example.org/room': 7 });
    expect(info.body).not.toHaveProperty('attributes');

    const asked = await signInAndAllow(app, makePerson(server.issuer), who, {
      scope: 'openid',
      claims: JSON.stringify({ userinfo: { desk: null, 'https://example.org/room': null } }),
    });
    expect((await app.userinfo(String(asked.body.access_token))).body).toEqual({
      sub: who.sub,
      desk: 'D1',
      'https://example.org/room': 7,
    });
    const without = await registerApp(server, { skip_consent: true, scope: 'openid profile' });
    const refusal = without.begin({ scope });
    expect(sentBack(await person.visit(refusal.url))).toMatchObject({ error: 'invalid_scope' });

    await remove('desk');
    await remove('room');
    expect((await metadata()).scopes_supported).not.toContain('library');
    const after = await app.userinfo(String(tokens.body.access_token));
    expect(after.status).toBe(200);
    expect(after.body).not.toHaveProperty('desk');
    expect(after.body).not.toHaveProperty('https://example.org/room');
    const later = await signInAndAllow(app, makePerson(server.issuer), who, { scope: 'openid profile' });
    expect(later.status).toBe(200);
  });

  it('stand on the profile page, without script', async () => {
    await define({
      name: 'lamp',
      type: 'boolean',
      display_name: { default: 'Has a lamp' },
      person_access: 'write',
    });
    await define({ name: 'tags', type: 'list', display_name: { default: 'Tags' }, person_access: 'write' });
    await define({ name: 'since', type: 'date', display_name: { default: 'Here since' } });
    const { person, request } = await server.apiUser({ attributes: { since: '2020-02-29', lamp: true } });
    const page = shown(await person.visit('/account/profile'));
    expect(page.text).toContain('More about you');
    expect(page.text).toContain('Here since 2020-02-29');
    expect(page.forms[0]?.values).toMatchObject({ 'attributes.lamp': 'true', 'attributes.tags': '' });
    expect(page.forms[0]?.fields).not.toContain('attributes.since');
    const refused = shown(
      await person.submit(
        { 'attributes.tags': 'a\r\na', 'attributes.lamp': 'true' },
        { action: '/account/profile' },
      ),
    );
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Give each entry once.')]);
    await person.submit(
      { 'attributes.tags': 'red\r\ngreen', 'attributes.lamp': '' },
      { action: '/account/profile' },
    );
    expect((await request('GET', '/profile')).body.attributes).toEqual({
      since: '2020-02-29',
      tags: ['red', 'green'],
    });
    for (const name of ['lamp', 'tags', 'since']) await remove(name);
  });

  it('are asked for when people make an account, where they are required', async () => {
    await define({
      name: 'team',
      type: 'choice',
      display_name: { default: 'Your team' },
      validation: { values: ['red', 'blue'] },
      person_access: 'write',
      required_at_sign_up: true,
    });
    const open = await registerApp(server, { skip_consent: true });
    const person = makePerson(server.issuer);
    await person.visit(open.begin({ prompt: 'create' }).url);
    const email = 'team@example.org';
    const lacking = shown(await person.submit({ email, password }));
    expect([lacking.status, lacking.text]).toEqual([422, expect.stringContaining('This is needed.')]);
    await person.submit({ email, password, 'attributes.team': 'blue' });
    await person.visit(linkTo('/verify-email', await mailTo(server.issuer, email, 'Confirm')));
    await person.submit({}, { action: '/verify-email' });
    const { body } = await server.admin('GET', `users?email=${email}`);
    expect(body.items?.[0]).toMatchObject({ attributes: { team: 'blue' } });

    await server.admin('POST', 'invitations', { email: 'invited@example.org' });
    const invited = makePerson(server.issuer);
    await invited.visit(linkTo('/invitation', await mailTo(server.issuer, 'invited@example.org', 'invited')));
    expect(shown(await invited.submit({ password })).status).toBe(422);
    expect(shown(await invited.submit({ password, 'attributes.team': 'red' })).status).toBe(201);
    const made = await server.admin('GET', 'users?email=invited@example.org');
    expect(made.body.items?.[0]).toMatchObject({ attributes: { team: 'red' } });
    await remove('team');
  });
});
