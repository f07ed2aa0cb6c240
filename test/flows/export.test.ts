import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type AccountServer, startAccountServer } from './account-fixture.ts';
import { shown } from './protocol/app.ts';

describe('everything that is known of somebody', () => {
  let server: AccountServer;
  beforeAll(async () => {
    server = await startAccountServer();
  });
  afterAll(() => server.dispose());

  it('is one JSON file that keeps to its published schema, without a secret, and that it was taken is noted', async () => {
    const user = await server.apiUser({ name: 'Ada', preferred_username: 'ada.l' });
    const { status, headers, body } = await user.request('GET', '/export');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/json');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="account-[\d-]+\.json"$/);
    expect(body).toMatchObject({
      profile: { sub: user.who.sub, name: 'Ada' },
      identities: [
        { kind: 'email', name: user.who.username },
        { kind: 'username', name: 'ada.l' },
      ],
      factors: [{ type: 'password' }],
      notification_email: null,
    });
    const types = z.array(z.looseObject({ type: z.string() })).parse(body.activity);
    expect(types.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['user.created', 'signin.succeeded', 'account.exported']),
    );
    expect(JSON.stringify(body)).not.toMatch(/argon2|\$2[aby]\$|eyJ/);
    const published = await fetch(String(body.$schema));
    expect(published.headers.get('content-type')).toContain('application/schema+json');
    const schema = JSON.parse(await published.text());
    expect(z.fromJSONSchema(schema).safeParse(body)).toMatchObject({ success: true });
    expect(Object.keys(schema.properties)).toEqual(Object.keys(body));
  });

  it('is written page by page, however much it is', async () => {
    const user = await server.apiUser();
    await server.rows(
      `insert into audit_event (occurred_at, type, actor_kind, actor_id, account_id, data)
       select now(), 'profile.changed', 'account', ?::text, ?::text, '{}' from generate_series(1, 1700)`,
      [user.who.sub, user.who.sub],
    );
    const { body } = await user.request('GET', '/export');
    const events = z.array(z.looseObject({ type: z.string() })).parse(body.activity);
    expect(events.filter(({ type }) => type === 'profile.changed')).toHaveLength(1700);
  });

  it('is downloaded from the page', async () => {
    const user = await server.apiUser();
    await user.person.visit('/account/data');
    const file = shown(await user.person.submit({}, { button: 'export' }));
    expect(file.headers['content-disposition']).toContain('attachment');
    expect(JSON.parse(file.html)).toMatchObject({ profile: { sub: user.who.sub } });
  });
});
