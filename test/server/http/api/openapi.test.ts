import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { makeClientRoutes } from '../../../../server/admin/client-routes.ts';
import { makeUserRoutes } from '../../../../server/admin/user-routes.ts';
import { adminScopes } from '../../../../server/clients/resource-servers.ts';
import { makeCursors } from '../../../../server/http/api/cursor.ts';
import { buildOpenApi } from '../../../../server/http/api/openapi.ts';
import { toReference } from '../../../../server/http/api/reference.ts';

const unused = (): never => {
  throw new Error('nothing is asked for here');
};
const store = { find: unused, list: unused };
const shared = {
  root: 'https://id.example.org/api/admin/v1',
  rank: {
    overUser: unused,
    overClient: unused,
    overRoles: unused,
    toGive: unused,
    toConfer: unused,
    toRegister: unused,
  },
  cursors: makeCursors([{ id: 'a', key: randomBytes(32) }]),
};
const routes = [
  ...makeClientRoutes({
    ...shared,
    clients: store,
    createClient: unused,
    updateClient: unused,
    deleteClient: unused,
  }),
  ...makeUserRoutes({
    ...shared,
    accounts: store,
    presentAttributes: unused,
    createAccount: unused,
    updateAccount: unused,
    deleteAccount: unused,
  }),
];
const document = buildOpenApi(routes, {
  title: 'Gatehouse admin API',
  issuer: 'https://id.example.org',
  audience: 'https://id.example.org/api/admin',
  root: 'https://id.example.org/api/admin/v1',
  scopes: adminScopes,
  flows: ['clientCredentials', 'authorizationCode'],
});
const { schemas } = document.components;
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

describe('the description of the admin API', () => {
  it('has every route', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
  });

  it('names for every operation one scope that there is, and both refusals of strangers', () => {
    const scopes = new Set<string>(adminScopes.map(({ name }) => name));
    for (const { security, responses } of operations) {
      expect(security).toHaveLength(1);
      expect(security[0]?.gatehouse.every((scope) => scopes.has(scope))).toBe(true);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403']));
    }
  });

  it('says that unknown fields are refused, and which there are', () => {
    const content = document.paths['/clients']?.post?.requestBody?.content['application/json'];
    expect(content?.schema).toEqual({ $ref: '#/components/schemas/NewClient' });
    expect(schemas.NewClient).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        client_id: { type: 'string' },
        redirect_uris: { type: 'array', items: { type: 'string', format: 'uri' } },
        grant_types: { default: ['authorization_code'] },
        token_endpoint_auth_method: { enum: expect.not.arrayContaining(['client_secret_jwt']) },
      },
    });
  });

  it('refers to no schema that is not there', () => {
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(referred.length).toBeGreaterThan(routes.length);
    expect(referred.filter((name) => !Object.hasOwn(schemas, name))).toEqual([]);
    expect(text).not.toContain('$defs');
  });

  it('tells what a page of a list can be asked', () => {
    expect(document.paths['/users']?.get?.parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'limit',
          in: 'query',
          required: false,
          schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
        }),
        expect.objectContaining({ name: 'after', in: 'query', required: false }),
      ]),
    );
  });

  it('offers a secret for reading only, and a password for writing only', () => {
    expect(schemas.Client).toHaveProperty('properties.client_secret');
    expect(schemas.ClientMetadata).not.toHaveProperty('properties.client_secret');
    expect(schemas.NewUser).toHaveProperty('properties.password.writeOnly', true);
    expect(schemas.User).not.toHaveProperty('properties.password');
  });

  it('lets removable fields of a patch be null, and asks for none', () => {
    expect(schemas.UserPatch).toHaveProperty('properties.email.anyOf.1', { type: 'null' });
    expect(schemas.UserPatch).not.toHaveProperty('required');
    expect(schemas.ClientPatch).not.toHaveProperty('required');
  });

  it('can be sent: it is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(JSON.stringify(document)).not.toContain('$schema');
  });

  it('becomes a page with every operation', () => {
    const reference = toReference(document);
    expect(reference.document).toBe('https://id.example.org/api/admin/v1/openapi.json');
    const shown = reference.groups.flatMap((group) => group.operations);
    expect(shown).toHaveLength(operations.length);
    expect(reference.groups.map(({ name }) => name)).toEqual(['clients', 'users']);
    expect(shown.map(({ method, path }) => `${method} ${path}`)).toContain('PATCH /users/{id}');
    expect(shown.every(({ scopes, answers }) => scopes.length === 1 && answers.length > 2)).toBe(true);
    const codes = new Set(reference.errors.map(({ code }) => code));
    const told = shown.flatMap(({ answers }) => answers.flatMap((answer) => answer.codes));
    expect(told.filter((code) => !codes.has(code))).toEqual([]);
    expect(told).toEqual(expect.arrayContaining(['user_not_found', 'insufficient_scope']));
  });

  it('has commands that a shell takes as they are', () => {
    const reference = toReference(document);
    const create = reference.groups[0]?.operations.find(({ id }) => id === 'createClient');
    expect(create?.curl).toContain("curl -X POST 'https://id.example.org/api/admin/v1/clients' \\\n");
    expect(create?.curl).toContain('-H "Authorization: Bearer $TOKEN"');
    expect(create?.curl).toContain("-H 'Content-Type: application/json'");
    const [, body = ''] = /-d '([^']*)'$/.exec(create?.curl ?? '') ?? [];
    expect(JSON.parse(body)).toHaveProperty('redirect_uris');
  });
});
