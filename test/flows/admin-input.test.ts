import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exchange } from '../support/http.ts';
import { type AdminServer, startAdminServer, textOf } from './admin-fixture.ts';

let server: AdminServer;
let clientId: string;
let userId: string;
beforeAll(async () => {
  server = await startAdminServer();
  const client = await server.admin('POST', 'clients', {
    redirect_uris: ['https://app.example.com/callback'],
  });
  clientId = String(client.body.client_id);
  const user = await server.admin('POST', 'users', { email: 'somebody@example.com' });
  userId = String(user.body.sub);
});
afterAll(() => server.dispose());

let before: Record<string, number>;
beforeEach(async () => {
  before = await server.countRows();
});
/** Whatever was refused, nothing was stored. */
afterEach(() => expect(server.countRows()).resolves.toEqual(before));

/** The standard refusal: the status, a stable code, no-store, one audit row, nothing of our insides. */
async function expectRefusal(
  [method, path, body, headers]: [string, string, unknown?, Record<string, string>?],
  expected: { status: number; code: string; fields?: string[] },
): Promise<void> {
  const answer = await server.admin(method, path, body, headers);
  expect(answer.status).toBe(expected.status);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({ code: expected.code, error_id: expect.any(String) });
  const errors = (answer.body.errors ?? []) as { field: string }[];
  if (expected.fields !== undefined) expect(errors.map(({ field }) => field)).toEqual(expected.fields);
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|at Object|select |insert /);
  await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
    {
      type: 'admin.refused',
      actor_kind: 'client',
      actor_id: 'test-operator',
      data: { reason: expected.code },
    },
  ]);
}

const casings = ['javascript', 'JAVASCRIPT', 'JavaScript', 'jAvAsCrIpT', 'JaVaScRiPt', 'javaScript'];
const scripts = [
  ...casings.map((scheme) => `${scheme}:alert(1)`),
  'data:text/html,x',
  'DATA:x',
  'file:///etc/passwd',
  'vbscript:x',
];

describe('A03 and A04 through the admin API', () => {
  it.each([
    'redirect_uris',
    'post_logout_redirect_uris',
    'logo_uri',
    'client_uri',
    'policy_uri',
    'tos_uri',
    'initiate_login_uri',
    'jwks_uri',
  ])('refuses scripts as %s at creation, replacement and patch', async (field) => {
    const isList = field.endsWith('uris');
    const code = field === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
    for (const uri of scripts) {
      const body = { redirect_uris: ['https://app.example.com/callback'], [field]: isList ? [uri] : uri };
      const fields = [isList ? `${field}.0` : field];
      await expectRefusal(['POST', 'clients', body], { status: 400, code, fields });
      await expectRefusal(['PUT', `clients/${clientId}`, body], { status: 400, code, fields });
      await expectRefusal(['PATCH', `clients/${clientId}`, { [field]: body[field] }], {
        status: 400,
        code,
        fields,
      });
    }
  });

  it.each(['*', 'https://*', 'https://*.example.com/callback', 'https://app.example.com/*', '^https://.*$'])(
    'refuses the redirect URI %s',
    async (uri) => {
      await expectRefusal(['POST', 'clients', { redirect_uris: [uri] }], {
        status: 400,
        code: 'invalid_redirect_uri',
        fields: ['redirect_uris.0'],
      });
    },
  );
});

describe('I01: fields that are not to be assigned', () => {
  it.each([
    'role',
    'scopes',
    'emailVerified',
    'sub',
    'passwordHash',
    'disabled',
    'id',
    'version',
    'created_at',
    'is_admin',
  ])('refuses %s of a user by its name, at creation and at a change', async (field) => {
    const expected = { status: 400, code: 'invalid_input', fields: [field] };
    await expectRefusal(['POST', 'users', { email: 'x@example.com', [field]: 'x' }], expected);
    await expectRefusal(['PATCH', `users/${userId}`, { [field]: 'x' }], expected);
    await expectRefusal(['PATCH', `users/${userId}`, { [field]: null }], expected);
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'refuses the name %s wherever it stands',
    async (name) => {
      const expected = { status: 400, code: 'invalid_json' };
      for (const body of [
        `{"email":"x@example.com","${name}":{"roles":["admin"]}}`,
        `{"address":{"${name}":{}}}`,
      ]) {
        await expectRefusal(['POST', 'users', body], expected);
        await expectRefusal(['PATCH', `users/${userId}`, body], expected);
        await expectRefusal(['POST', 'clients', body], expected);
      }
    },
  );
});

describe('bodies that cannot be read', () => {
  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['no type', '{}', { 'content-type': '' }, 415, 'unsupported_media_type'],
    [
      'a form',
      'email=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    [
      'a patch where it is none',
      '{}',
      { 'content-type': 'application/merge-patch+json' },
      415,
      'unsupported_media_type',
    ],
    ['broken JSON', '{"email":', {}, 400, 'invalid_json'],
    ['nothing', '', {}, 400, 'invalid_json'],
    ['a name twice', '{"email":"a@example.com","email":"b@example.com"}', {}, 400, 'invalid_json'],
    ['depth', `{"email":${'['.repeat(100_000)}`, {}, 400, 'invalid_json'],
    ['a NUL', '{"email":"a\\u0000@example.com"}', {}, 400, 'invalid_json'],
    ['half a character', '{"name":"\\ud800","email":"a@example.com"}', {}, 400, 'invalid_json'],
    ['a megabyte', JSON.stringify({ name: 'a'.repeat(1_048_576) }), {}, 413, 'body_too_large'],
    ['a list', '[]', {}, 400, 'invalid_input'],
    ['null', 'null', {}, 400, 'invalid_input'],
  ])('%s', async (_what, body, headers, status, code) => {
    await expectRefusal(['POST', 'users', body, headers], { status, code });
  });

  it('compressed ones, however small', async () => {
    const { status, text } = await exchange(`${server.issuer}/api/admin/v1/users`, {
      method: 'POST',
      body: gzipSync(JSON.stringify({ email: 'x@example.com', name: 'a'.repeat(1_000_000) })),
      headers: {
        authorization: `Bearer ${await server.adminToken()}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
    });
    expect(status).toBe(415);
    expect(JSON.parse(text)).toMatchObject({ code: 'unsupported_media_type' });
  });

  it('K01: two megabytes of colliding names cost others nothing', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `"${index * 65_536}":0`);
    const flood = server.admin('POST', 'users', `{${names.join(',')}}`).then(
      ({ status }) => status,
      () => 413,
    );
    const started = performance.now();
    expect((await fetch(`${server.issuer}/healthz`)).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await flood).toBe(413);
  });

  it('names all bad fields at once', async () => {
    await expectRefusal(
      [
        'POST',
        'users',
        {
          email: 7,
          website: 'javascript:x',
          birthdate: 'yesterday',
          status: 'gone',
          address: { planet: 'x' },
          x: 1,
        },
      ],
      {
        status: 400,
        code: 'invalid_input',
        fields: ['email', 'website', 'birthdate', 'address.planet', 'status', 'x'],
      },
    );
  });
});

describe('I06: queries', () => {
  const hostile = [
    "' or 1=1--",
    '1; drop table client',
    '{"$gt":""}',
    '../../x',
    '%00',
    '1e3',
    '-1',
    '0',
    '101',
    '5.5',
    '',
    ' 5',
    '0x10',
    'NaN',
    '9'.repeat(400),
  ];

  it.each(hostile)('refuses the limit %j', async (limit) => {
    await expectRefusal(['GET', `clients?limit=${encodeURIComponent(limit)}`], {
      status: 400,
      code: 'invalid_input',
      fields: ['limit'],
    });
  });

  it.each([...hostile, 'MTcwMDAwMDAwMDAwMC5h', 'MTcwMDAwMDAwMDAwMC5h.AAAA'])(
    'refuses the cursor %j',
    async (after) => {
      await expectRefusal(['GET', `users?after=${encodeURIComponent(after)}`], {
        status: 400,
        code: 'invalid_cursor',
      });
    },
  );

  it('refuses a cursor of another list', async () => {
    const { body } = await server.admin('GET', 'clients?limit=1');
    await expectRefusal(['GET', `users?after=${textOf(body.next)}`], { status: 400, code: 'invalid_cursor' });
  });

  it.each([
    'sort=name',
    'order_by=password',
    'filter[x]=1',
    'Limit=1',
    'limit=1&limit=2',
    'status=gone',
    '__proto__=1',
  ])('refuses %s', async (query) => {
    await expectRefusal(['GET', `users?${query}`], { status: 400, code: 'invalid_input' });
  });

  it.each(["'", '%', '_', '\\', "' or ''='", '*', '(', '\u{1f600}', '%25%27'])(
    'finds nothing by %j, and no more than that',
    async (search) => {
      const answer = await server.admin('GET', `users?search=${encodeURIComponent(search)}`);
      expect(answer).toMatchObject({ status: 200, body: { items: [], next: null } });
    },
  );
});
