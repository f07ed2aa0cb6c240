import { z } from 'zod';

/**
 * The shape of an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0, section 4.8) as far as our descriptions use it.
 * Every object is closed: what is not written here is not to be written there.
 */
const schemaObject = z
  .record(z.string(), z.unknown())
  .refine(isSchema, 'is no schema of JSON Schema 2020-12');

const mediaType = z.strictObject({ schema: schemaObject, example: z.unknown().optional() });
const content = z.record(z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/), mediaType);

/** 4.8.12 */
const parameter = z.strictObject({
  name: z.string().min(1),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  required: z.boolean(),
  description: z.string().optional(),
  schema: schemaObject,
  example: z.unknown().optional(),
});

/** 4.8.10 */
const operation = z.strictObject({
  operationId: z.string().min(1),
  tags: z.array(z.string()),
  summary: z.string().min(1),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), content: content.optional() }),
  ),
});

const flow = z.strictObject({
  authorizationUrl: z.url().optional(),
  tokenUrl: z.url(),
  scopes: z.record(z.string(), z.string()),
});

export const openApiDocument = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.url() })).min(1),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string().optional() })),
  paths: z.record(
    z.string().regex(/^\//),
    z.strictObject({
      get: operation.optional(),
      post: operation.optional(),
      put: operation.optional(),
      patch: operation.optional(),
      delete: operation.optional(),
    }),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), schemaObject),
    securitySchemes: z.record(
      z.string(),
      z.strictObject({
        type: z.literal('oauth2'),
        description: z.string().optional(),
        flows: z.strictObject({ clientCredentials: flow.optional(), authorizationCode: flow.optional() }),
      }),
    ),
  }),
});

export type CheckedDocument = z.output<typeof openApiDocument>;
export type CheckedOperation = z.output<typeof operation>;

/** Keywords of JSON Schema 2020-12 by what stands in them; those of our own begin with x- (OpenAPI 4.9). */
const single = new Set(['items', 'additionalProperties', 'propertyNames', 'not', 'contains']);
const several = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const named = new Set(['properties', 'patternProperties', '$defs']);
const plain = new Set([
  ...['$ref', 'type', 'enum', 'const', 'default', 'title', 'description', 'format', 'pattern', 'required'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'readOnly', 'writeOnly'],
  ...['examples', 'deprecated', 'contentEncoding', 'contentMediaType'],
]);

function isSchema(schema: unknown): boolean {
  if (typeof schema === 'boolean') return true;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false;
  return Object.entries(schema).every(([keyword, value]) => {
    if (single.has(keyword)) return isSchema(value);
    if (several.has(keyword)) return Array.isArray(value) && value.length > 0 && value.every(isSchema);
    if (named.has(keyword))
      return typeof value === 'object' && value !== null && Object.values(value).every(isSchema);
    if (keyword === 'pattern') return typeof value === 'string' && canMatch(value);
    if (keyword === 'required') return Array.isArray(value) && new Set(value).size === value.length;
    return plain.has(keyword) || keyword.startsWith('x-');
  });
}

function canMatch(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** The schema as zod checks values by it, with what it refers to among the document's components. */
export function checkerOf(schema: unknown, { components }: CheckedDocument): z.ZodType {
  const whole = JSON.stringify({ ...Object(schema), $defs: components.schemas });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('"#/components/schemas/', '"#/$defs/')));
}

/** Every reference in the document, by the name of the component. */
export function referencesIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target ?? '');
}
