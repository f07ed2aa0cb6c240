import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminServer, startAdminServer, textOf } from './admin-fixture.ts';

let server: AdminServer;
let path: string;
let stored: Record<string, unknown>;
beforeAll(async () => {
  server = await startAdminServer();
  const { body } = await server.admin('POST', 'resource-servers', {
    resource: 'https://kept.example',
    name: 'Kept',
    scopes: [{ name: 'read' }, { name: 'write', restricted: true }],
  });
  path = `resource-servers/${textOf(body.id)}`;
  stored = body;
});
afterAll(async () => {
  // Whatever was refused, nothing was stored.
  const { body } = await server.admin('GET', 'resource-servers?search=https');
  expect(body.items).toEqual([stored]);
  await server.dispose();
});

const good = { resource: 'https://new.example', name: 'New' };

/** The standard refusal, at creation and at both kinds of change. */
async function expectRefused(changes: Record<string, unknown>, fields: string[]): Promise<void> {
  const requests: [string, string, unknown][] = [
    ['POST', 'resource-servers', { ...good, ...changes }],
    ['PUT', path, { ...good, resource: stored.resource, ...changes }],
    ['PATCH', path, changes],
  ];
  for (const [method, target, body] of requests) {
    const answer = await server.admin(method, target, body);
    const errors = (answer.body.errors ?? []) as { field: string }[];
    expect([method, answer.status, answer.body.code, [...new Set(errors.map(({ field }) => field))]]).toEqual(
      [method, 400, 'invalid_input', fields],
    );
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|at Object|select |insert /);
    await expect(server.auditOf(answer.headers)).resolves.toMatchObject([
      { type: 'admin.refused', data: { reason: 'invalid_input' } },
    ]);
  }
}

describe('a resource', () => {
  it.each([
    ['a path', '/api'],
    ['relative', 'api.example/orders'],
    ['without scheme', '//api.example'],
    ['nothing', ''],
    ['a scheme alone', 'https:'],
    ['a scheme and slashes alone', 'custom://'],
    ['with a fragment', 'https://api.example/#part'],
    ['with an empty fragment', 'https://api.example/#'],
    ['with a user name', 'https://user@api.example'],
    ['with a password', 'https://user:secret@api.example'],
    ['with credentials in another scheme', 'custom://user@api.example'],
    ['with a host in capitals', 'https://API.example'],
    ['with a scheme in capitals', 'HTTPS://api.example'],
    ['with the default port', 'https://api.example:443/'],
    ['with a dot at the end of the host', 'https://api.example./'],
    ['with dots in its path', 'https://api.example/a/../b'],
    ['with a backslash', 'https://api.example\\orders'],
    ['with a space', 'https://api.example/or ders'],
    ['with a line break', 'https://api.example/\r\nx'],
    ['with a NUL', 'https://api.example/\\u0000x'],
    ['with letters beyond ASCII', 'https://bücher.example'],
    ['with a broken escape', 'https://api.example/%zz'],
    ['longer than a token bears', `https://api.example/${'x'.repeat(500)}`],
    ['a number', 5],
    ['a list', ['https://api.example']],
    ['an object', { href: 'https://api.example' }],
    ['null', null],
  ])('is refused: %s', async (_what, resource) => {
    await expectRefused({ resource }, ['resource']);
  });

  it('cannot be one of the addresses of this server', async () => {
    for (const resource of ['', '/api/admin', '/api/account', '/oauth2/token', '/'].map(
      (rest) => `${server.issuer}${rest}`,
    ))
      await expectRefused({ resource }, ['resource']);
  });

  it.each([
    'urn:example:orders',
    'api://8f2c',
    'https://api.example/v1?tenant=5',
    'http://orders.internal:8080/',
  ])('may be %s', async (resource) => {
    const made = await server.admin('POST', 'resource-servers', { ...good, resource });
    expect([made.status, made.body.resource]).toEqual([201, resource]);
    const gone = await server.admin('DELETE', `resource-servers/${textOf(made.body.id)}`);
    expect(gone.status).toBe(204);
  });
});

const named = (...names: unknown[]) => ({ scopes: names.map((name) => ({ name })) });

describe('scopes', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a space in a name', named('a b'), 'scopes.0.name'],
    ['a quote in a name', named('a"b'), 'scopes.0.name'],
    ['a backslash in a name', named('a\\b'), 'scopes.0.name'],
    ['a control character in a name', named('a\u0007'), 'scopes.0.name'],
    ['a letter beyond ASCII in a name', named('löschen'), 'scopes.0.name'],
    ['an empty name', named(''), 'scopes.0.name'],
    ['a long name', named('x'.repeat(129)), 'scopes.0.name'],
    ['a name that is no text', named(7), 'scopes.0.name'],
    ['no name', { scopes: [{ description: 'x' }] }, 'scopes.0.name'],
    ['a name twice', named('a', 'b', 'a'), 'scopes.2.name'],
    ['a name of OpenID Connect', named('a', 'openid'), 'scopes.1.name'],
    ['another of them', named('offline_access'), 'scopes.0.name'],
    ['our own one', named('roles'), 'scopes.0.name'],
    [
      'a description with a line break',
      { scopes: [{ name: 'a', description: 'x\ny' }] },
      'scopes.0.description',
    ],
    [
      'a description that turns its direction',
      { scopes: [{ name: 'a', description: '\u202ex' }] },
      'scopes.0.description',
    ],
    ['a long description', { scopes: [{ name: 'a', description: 'x'.repeat(301) }] }, 'scopes.0.description'],
    ['a mark that is no boolean', { scopes: [{ name: 'a', restricted: 'no' }] }, 'scopes.0.restricted'],
    ['an unknown field', { scopes: [{ name: 'a', admin: true }] }, 'scopes.0.admin'],
    ['no list', { scopes: 'read write' }, 'scopes'],
    ['too many', named(...Array.from({ length: 1001 }, (_, index) => `s${index}`)), 'scopes'],
  ])('are refused: %s', async (_what, changes, field) => {
    await expectRefused(changes, [field]);
  });

  it('are refused when they are five thousand, in whatever way', async () => {
    const body = { ...good, ...named(...Array.from({ length: 5000 }, (_, index) => `s${index}`)) };
    const { status, body: answer } = await server.admin('POST', 'resource-servers', body);
    expect([status, answer.code]).toEqual([400, 'invalid_json']);
  });

  it('may be a thousand, and may have names that objects have', async () => {
    const names = ['__proto__', 'constructor', 'toString', ...Array.from({ length: 997 }, (_, n) => `s${n}`)];
    const made = await server.admin('POST', 'resource-servers', {
      ...good,
      resource: 'urn:many',
      ...named(...names),
    });
    expect(made.status).toBe(201);
    const { body } = await server.admin('GET', `resource-servers/${textOf(made.body.id)}`);
    expect((body.scopes as { name: string }[]).map(({ name }) => name)).toEqual(names);
    await server.admin('DELETE', `resource-servers/${textOf(made.body.id)}`);
  });
});

describe('what else is given', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['an empty name', { name: '' }, ['name']],
    ['a name with a control character', { name: 'a\u0007' }, ['name']],
    ['a name with a line break', { name: 'a\nb' }, ['name']],
    ['a long name', { name: 'x'.repeat(101) }, ['name']],
    ['an unknown format', { access_token_format: 'saml' }, ['access_token_format']],
    ['a life of nothing', { access_token_ttl: 0 }, ['access_token_ttl']],
    ['a life that is over on its way', { access_token_ttl: 9 }, ['access_token_ttl']],
    ['a negative life', { access_token_ttl: -600 }, ['access_token_ttl']],
    ['half a second', { access_token_ttl: 600.5 }, ['access_token_ttl']],
    ['a life as text', { access_token_ttl: '600' }, ['access_token_ttl']],
    ['a JWT of more than an hour', { access_token_ttl: 3601 }, ['access_token_ttl']],
    [
      'an opaque token of more than a day',
      { access_token_format: 'opaque', access_token_ttl: 86_401 },
      ['access_token_ttl'],
    ],
    ['an endless life', { access_token_ttl: 1e30 }, ['access_token_ttl']],
    ['clients in one text', { clients: 'a b' }, ['clients']],
    ['a star in a list', { clients: ['*'] }, ['clients.0']],
    ['no such client', { clients: ['nobody'] }, ['clients.0']],
    ['a client twice', { clients: ['test-operator', 'test-operator'] }, ['clients.1']],
    ['an unknown policy', { scope_policy: 'ignore' }, ['scope_policy']],
    ['an unknown field', { audience: 'x' }, ['audience']],
    ['fields that objects have', { hasOwnProperty: 1, toString: 2 }, ['hasOwnProperty', 'toString']],
    ['the domain’s own names', { accessTokenTtl: 5, builtIn: true }, ['accessTokenTtl', 'builtIn']],
  ])('is refused: %s', async (_what, changes, fields) => {
    await expectRefused(changes, fields);
  });

  it('is judged with all the rest: a long life may not stay when the format becomes jwt', async () => {
    const made = await server.admin('POST', 'resource-servers', {
      ...good,
      resource: 'urn:long',
      access_token_format: 'opaque',
      access_token_ttl: 86_400,
    });
    const target = `resource-servers/${textOf(made.body.id)}`;
    const refused = await server.admin('PATCH', target, { access_token_format: 'jwt' });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'access_token_ttl' }] } });
    await server.admin('DELETE', target);
  });

  it('cannot be what only the server says', async () => {
    for (const [field, value] of [
      ['id', 'mine'],
      ['built_in', true],
      ['created_at', 0],
      ['updated_at', 0],
      ['version', 9],
    ] as const) {
      for (const [method, target, body] of [
        ['POST', 'resource-servers', { ...good, [field]: value }],
        ['PUT', path, { ...stored, [field]: value }],
        ['PATCH', path, { [field]: value }],
      ] as const)
        await expect(server.admin(method, target, body)).resolves.toMatchObject({
          status: 400,
          body: { code: 'invalid_input', errors: [{ field }] },
        });
    }
  });

  it.each(['__proto__', 'constructor', 'prototype'])('has nowhere the name %s', async (name) => {
    for (const body of [
      `{"resource":"urn:x","name":"x","${name}":{}}`,
      `{"resource":"urn:x","name":"x","scopes":[{"name":"a","${name}":{"restricted":false}}]}`,
    ]) {
      const { status, body: answer } = await server.admin('POST', 'resource-servers', body);
      expect([status, answer.code]).toEqual([400, 'invalid_json']);
    }
  });

  it('is not null where it cannot be left out, and unknown removals are named', async () => {
    for (const [patch, field] of [
      [{ name: null }, 'name'],
      [{ nonsense: null }, 'nonsense'],
    ] as const)
      await expect(server.admin('PATCH', path, patch)).resolves.toMatchObject({
        status: 400,
        body: { errors: [{ field }] },
      });
  });
});

describe('where it goes', () => {
  it.each(['..%2fclients', 'a'.repeat(65), 'no-such', 'https:%2f%2fkept.example', "x'--"])(
    'the id %s is that of nothing',
    async (id) => {
      for (const [method, body] of [
        ['GET', undefined],
        ['PATCH', { name: 'x' }],
        ['DELETE', undefined],
      ] as const) {
        const answer = await server.admin(method, `resource-servers/${id}`, body);
        expect(answer.status).toBe(404);
      }
    },
  );

  it.each(['limit=0', 'limit=101', 'limit=1&limit=2', 'search=', 'search=%00', 'order=name', 'after=x'])(
    'the query %s is refused',
    async (query) => {
      const { status } = await server.admin('GET', `resource-servers?${query}`);
      expect(status).toBe(400);
    },
  );

  it('takes no cursor of another list', async () => {
    await server.admin('POST', 'users', { email: 'one@example.org' });
    const { body: page } = await server.admin('GET', 'users?limit=1');
    const { status, body: answer } = await server.admin('GET', `resource-servers?after=${textOf(page.next)}`);
    expect([status, answer.code]).toEqual([400, 'invalid_cursor']);
  });
});
