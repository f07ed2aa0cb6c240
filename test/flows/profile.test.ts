import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AccountServer, startAccountServer } from './account-fixture.ts';
import { shown } from './protocol/app.ts';

describe("one's own profile", () => {
  let server: AccountServer;
  beforeAll(async () => {
    server = await startAccountServer();
  });
  afterAll(() => server.dispose());

  describe('over the API', () => {
    it('is changed field by field, and what is null is removed', async () => {
      const { request, who } = await server.apiUser({ name: 'Ada', nickname: 'Countess' });
      const changed = await request('PATCH', '/profile', {
        nickname: null,
        given_name: 'Ada',
        zoneinfo: 'Europe/London',
        locale: 'en-GB',
        birthdate: '1815-12-10',
        phone_number: '+442071234567',
        website: 'https://ada.example/',
        address: { locality: 'London', country: 'UK' },
      });
      expect(changed).toMatchObject({
        status: 200,
        body: { sub: who.sub, name: 'Ada', zoneinfo: 'Europe/London', address: { locality: 'London' } },
      });
      expect(changed.body).not.toHaveProperty('nickname');
      const second = await request('PATCH', '/profile', { address: { country: null } });
      expect(second.body.address).toEqual({ locality: 'London' });
      const third = await request('PATCH', '/profile', { address: { locality: null } });
      expect(third.body).not.toHaveProperty('address');
      const read = await request('GET', '/profile');
      expect(read.body).toEqual(third.body);
    });

    it.each([
      ['locale', 'xx-not-a-language-tag-at-all'],
      ['locale', 'tlh'],
      ['zoneinfo', 'Mars/Olympus'],
      ['birthdate', '2023-02-29'],
      ['birthdate', '12.10.1815'],
      ['website', 'javascript:alert(1)'],
      ['profile', 'ftp://files.example/'],
      ['phone_number', '044 123 45 67'],
      ['phone_number', '+0123456789'],
      ['name', 'Ada\u202egnitratS'],
      ['name', 'Ada\u0007'],
      ['middle_name', 'two\nlines'],
      ['given_name', '\u200b \u00a0'],
      ['given_name', ''],
      ['family_name', 'x'.repeat(201)],
      ['address', { planet: 'Earth' }],
      ['address', 'Baker Street'],
    ])('refuses %s %j and changes nothing', async (field, value) => {
      const { request } = await server.apiUser();
      const before = await request('GET', '/profile');
      const refused = await request('PATCH', '/profile', { [field]: value, nickname: 'x' });
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
      const fields = refused.body.errors?.map((fault) => fault.field.split('.')[0]);
      expect(new Set(fields)).toEqual(new Set([field]));
      expect((await request('GET', '/profile')).body).toEqual(before.body);
    });

    it('tells of a change meanwhile when the version is bound, and of nothing when it is not', async () => {
      const { request } = await server.apiUser();
      const { headers } = await request('GET', '/profile');
      const etag = { 'if-match': headers.get('etag') ?? '' };
      expect((await request('PATCH', '/profile', { nickname: 'one' }, etag)).status).toBe(200);
      const late = await request('PATCH', '/profile', { nickname: 'two' }, etag);
      expect(late).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
      const all = await Promise.all(
        ['name', 'given_name', 'family_name', 'middle_name'].map((field) =>
          request('PATCH', '/profile', { [field]: 'Ada' }),
        ),
      );
      expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect((await request('GET', '/profile')).body).toMatchObject({
        ...{ nickname: 'one', name: 'Ada', given_name: 'Ada', family_name: 'Ada', middle_name: 'Ada' },
      });
    });

    it('leaves the user name alone, and forgets that a changed number was verified', async () => {
      const { request } = await server.apiUser({
        preferred_username: 'ada.l',
        phone_number: '+15550001111',
        phone_number_verified: true,
      });
      expect((await request('PATCH', '/profile', { preferred_username: 'eve' })).status).toBe(400);
      const { body } = await request('PATCH', '/profile', { phone_number: '+15550001112' });
      expect(body).toMatchObject({ preferred_username: 'ada.l', phone_number: '+15550001112' });
      expect(body).not.toHaveProperty('phone_number_verified');
    });

    it('writes down what was changed', async () => {
      const { request, who } = await server.apiUser({ nickname: 'before' });
      await request('PATCH', '/profile', { nickname: 'after' });
      await request('PATCH', '/profile', { nickname: 'after' });
      const rows = await server.rows<{ data: unknown }>(
        `select data from audit_event where type = 'profile.changed' and account_id = ?`,
        [who.sub],
      );
      expect(rows).toEqual([
        { data: { change: { before: { nickname: 'before' }, after: { nickname: 'after' } } } },
      ]);
    });
  });

  describe('on its page', () => {
    it('is seen and changed without script', async () => {
      const { person, request } = await server.apiUser({ name: 'Ada', website: 'https://ada.example/' });
      const page = shown(await person.visit('/account/profile'));
      expect(page.forms[0]?.values).toMatchObject({ name: 'Ada', website: 'https://ada.example/' });
      const saved = shown(
        await person.submit({
          name: 'Ada Lovelace',
          website: '',
          zoneinfo: 'Europe/London',
          locality: 'London',
        }),
      );
      expect([saved.status, saved.text]).toEqual([200, expect.stringContaining('Your profile is saved')]);
      const { body } = await request('GET', '/profile');
      expect(body).toMatchObject({
        name: 'Ada Lovelace',
        zoneinfo: 'Europe/London',
        address: { locality: 'London' },
      });
      expect(body).not.toHaveProperty('website');
    });

    it('keeps what was typed when a field is refused, and says which', async () => {
      const { person } = await server.apiUser({ name: 'Ada' });
      await person.visit('/account/profile');
      const refused = shown(await person.submit({ name: 'Ada Lovelace', birthdate: 'yesterday' }));
      expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Write YYYY-MM-DD')]);
      expect(refused.forms[0]?.values).toMatchObject({ name: 'Ada Lovelace', birthdate: 'yesterday' });
    });

    it('keeps both when it was changed elsewhere meanwhile, and takes what is then saved', async () => {
      const { person, request } = await server.apiUser({ name: 'Ada', nickname: 'Countess' });
      await person.visit('/account/profile');
      await request('PATCH', '/profile', { name: 'Ada King', nickname: null });
      const conflict = shown(await person.submit({ name: 'Ada Lovelace' }));
      expect(conflict.status).toBe(409);
      expect(conflict.text).toContain('Stored now: Ada King');
      expect(conflict.text).toContain('Stored now: nothing');
      expect(conflict.forms[0]?.values).toMatchObject({ name: 'Ada Lovelace', nickname: 'Countess' });
      expect((await request('GET', '/profile')).body.name).toBe('Ada King');
      expect(shown(await person.submit({})).status).toBe(200);
      expect((await request('GET', '/profile')).body).toMatchObject({
        ...{ name: 'Ada Lovelace', nickname: 'Countess' },
      });
    });
  });
});

describe('a server that lets people change their user name', () => {
  let server: AccountServer;
  beforeAll(async () => {
    server = await startAccountServer({ GATEHOUSE_USERNAME_CHANGE: 'true' });
  });
  afterAll(() => server.dispose());

  it('takes a name that is free, and none of somebody else in any casing', async () => {
    const { request, who, person } = await server.apiUser({ preferred_username: 'ada.l' });
    await server.apiUser({ preferred_username: 'eve' });
    const taken = await request('PATCH', '/profile', { preferred_username: 'EVE' });
    expect(taken).toMatchObject({ status: 400, body: { errors: [{ field: 'preferred_username' }] } });
    const free = await request('PATCH', '/profile', { preferred_username: 'lovelace' });
    expect(free).toMatchObject({ status: 200, body: { preferred_username: 'lovelace' } });
    await expect(server.signInToApi({ ...who, username: 'Lovelace' })).resolves.toBeDefined();
    const page = shown(await person.visit('/account/profile'));
    expect(page.forms[0]?.values.preferred_username).toBe('lovelace');
  });
});
