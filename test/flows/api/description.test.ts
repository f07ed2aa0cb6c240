import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import {
  type CheckedDocument,
  type CheckedOperation,
  checkerOf,
  openApiDocument,
  referencesIn,
} from '../../support/openapi-31.ts';

let server: RunningGatehouse;
beforeAll(async () => {
  server = await startGatehouse();
});
afterAll(() => server.dispose());

describe.each(['admin', 'account'])('the description of the %s API', (api) => {
  let served: unknown;
  let document: CheckedDocument;
  let operations: { path: string; operation: CheckedOperation }[];
  beforeAll(async () => {
    const answer = await fetch(`${server.issuer}/api/${api}/v1/openapi.json`);
    served = JSON.parse(await answer.text());
    document = openApiDocument.parse(served);
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap((operation) => (operation === undefined ? [] : [{ path, operation }])),
    );
  });

  it('is OpenAPI 3.1, by the schema that its makers publish', async () => {
    const validator = new Validator();
    expect(await validator.validate(Object(served))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const pathless = { ...Object(served), paths: { '/x': { get: { parameters: [{ in: 'path' }] } } } };
    expect((await new Validator().validate(pathless)).valid).toBe(false);
  });

  it('has in its schemas only what OpenAPI 3.1 knows', () => {
    expect(openApiDocument.safeParse(served).error).toBeUndefined();
  });

  it('is not just anything', () => {
    const odd = (change: object) => openApiDocument.safeParse({ ...Object(served), ...change }).success;
    expect(odd({ openapi: '3.0.3' })).toBe(false);
    expect(odd({ swagger: '2.0' })).toBe(false);
    expect(odd({ paths: { 'no-slash': {} } })).toBe(false);
    expect(odd({ paths: { '/x': { get: {} } } })).toBe(false);
    const schemas = { X: { type: 'string', patern: 'x' } };
    expect(odd({ components: { ...document.components, schemas } })).toBe(false);
  });

  it('refers to what is in it', () => {
    const names = new Set(
      Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`),
    );
    expect(referencesIn(served).filter((target) => !names.has(target))).toEqual([]);
  });

  it('names each operation once, and each parameter that is in its path', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name));
      const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(parameters.map(({ name }) => name).toSorted()).toEqual(inPath.toSorted());
      expect(parameters.every(({ required }) => required)).toBe(true);
      const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('has its operations in collections that it names', () => {
    const tags = document.tags.map(({ name }) => name);
    for (const { operation } of operations) expect(tags).toEqual(expect.arrayContaining(operation.tags));
  });

  it('asks for scopes that its security scheme has', () => {
    const flows = Object.values(document.components.securitySchemes.gatehouse?.flows ?? {});
    for (const { operation } of operations) {
      const [{ gatehouse: scopes = [] } = {}] = operation.security;
      expect(scopes).toHaveLength(1);
      for (const flow of flows)
        expect(Object.keys(flow?.scopes ?? {})).toEqual(expect.arrayContaining(scopes));
    }
  });

  it('has an example of each request and each answer, and each is what its schema says', () => {
    const faults: unknown[] = [];
    for (const { operation } of operations) {
      const { operationId, parameters, requestBody, responses } = operation;
      const check = (where: string, schema: unknown, example: unknown): void => {
        const { error } = checkerOf(schema, document).safeParse(example);
        if (error !== undefined)
          faults.push({
            operationId,
            where,
            example,
            issues: error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
          });
      };
      for (const parameter of parameters.filter((one) => one.in === 'path'))
        check(parameter.name, parameter.schema, parameter.example);
      for (const [type, { schema, example }] of Object.entries(requestBody?.content ?? {}))
        if (type.endsWith('json')) check('request', schema, example);
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const [type, { schema, example }] of Object.entries(content)) {
          if (type.endsWith('json')) check(status, schema, example);
        }
    }
    expect(faults).toEqual([]);
  });
});
