import { z } from 'zod';
import { errorCodes } from '../../errors.ts';
import { addExamples, exampleProblem } from './operation-examples.ts';
import type { RouteDescription } from './route.ts';

type JsonSchema = Record<string, unknown>;

export interface Operation {
  operationId: string;
  /** The collection that it belongs to: the first part of its path. */
  tags: string[];
  summary: string;
  security: { gatehouse: string[] }[];
  parameters: {
    name: string;
    in: 'path' | 'query' | 'header';
    required: boolean;
    description?: string;
    schema: JsonSchema;
    example?: unknown;
  }[];
  requestBody?: { required: true; content: Record<string, MediaType> };
  responses: Record<string, { description: string; content?: Record<string, MediaType> }>;
}

export interface MediaType {
  schema: JsonSchema;
  example?: unknown;
}

/** OpenAPI 3.1, as far as it is used here. */
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, JsonSchema> };
}

/** Refusals that every operation can answer with. */
const commonErrors = ['unauthenticated', 'insufficient_scope', 'invalid_input'] as const;
const bodyErrors = ['invalid_json', 'body_too_large', 'unsupported_media_type'] as const;

const components = '#/components/schemas/';

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'error_id'],
  properties: {
    type: { type: 'string', description: 'urn:gatehouse:error: and the code.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorCodes) },
    errors: {
      type: 'array',
      description: 'One entry for each bad field.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
    error_id: { type: 'string', description: "Stands in the server's log too." },
  },
};

/** An API of this server, apart from its routes. */
export interface ApiDescription {
  title: string;
  issuer: string;
  /** Of its access tokens. */
  audience: string;
  /** The absolute URL below which its routes are, without a slash at its end. */
  root: string;
  scopes: readonly { name: string; description: string }[];
  /** The grants by which its access tokens are got. */
  flows: readonly ('clientCredentials' | 'authorizationCode')[];
}

/** Describes the routes of an API in OpenAPI 3.1, from the schemas that check their requests. */
export function buildOpenApi(routes: readonly RouteDescription[], api: ApiDescription): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  const schemas: Record<string, JsonSchema> = { Problem: problemSchema };
  for (const route of routes) {
    const operation = describe(route, makeSchemaWriter(schemas));
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  // When all schemas are known: one may name another.
  for (const route of routes) {
    const operation = paths[route.path]?.[route.method.toLowerCase()];
    if (operation !== undefined) addExamples(operation, route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: api.title,
      version: '1',
      description: `Takes access tokens whose audience is ${api.audience}. Errors are problem+json (RFC 9457).`,
    },
    servers: [{ url: api.root }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: { gatehouse: describeSecurity(api) },
    },
  };
}

function describe(route: RouteDescription, write: WriteSchema): Operation {
  const { operationId, summary, scope, body, success } = route;
  const documented = body.documented ?? body.schema;
  const content = Object.fromEntries(
    body.mediaTypes.map((type) => [type, { schema: write(documented, 'input') }]),
  );
  return {
    operationId,
    tags: [tagOf(route)],
    summary,
    security: [{ gatehouse: [scope] }],
    parameters: [
      ...describeParameters(write(route.params, 'input'), 'path'),
      ...describeParameters(write(route.query, 'input'), 'query'),
      ...(route.errors.includes('precondition_failed') ? [ifMatchParameter] : []),
      ...(route.errors.includes('idempotency_key_reused') ? [idempotencyParameter] : []),
    ],
    ...(body.mediaTypes.length === 0 ? {} : { requestBody: { required: true, content } }),
    responses: { [success.status]: describeSuccess(success, write), ...describeErrors(route) },
  };
}

/** `users` of `/users/{id}/sessions`. */
const tagOf = ({ path }: RouteDescription): string => path.split('/')[1] ?? '';

const ifMatchParameter = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag that was read: the change is refused with 412 if there was another one since.',
  schema: { type: 'string' },
} as const;

const idempotencyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Of your choice, new for each request: whoever repeats the request with it within 24 hours gets the same answer, and nothing is done twice.',
  schema: { type: 'string', minLength: 1, maxLength: 257 },
  example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
} as const;

function describeParameters(schema: JsonSchema, place: 'path' | 'query'): Operation['parameters'] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === 'path',
    ...(typeof description === 'string' ? { description } : {}),
    schema: property,
  }));
}

function describeSuccess(
  { description, schema }: RouteDescription['success'],
  write: WriteSchema,
): Operation['responses'][string] {
  if (schema === undefined) return { description };
  return { description, content: { 'application/json': { schema: write(schema, 'output') } } };
}

/** One entry for each status, naming the codes that it can have. */
function describeErrors({ errors, body }: RouteDescription): Operation['responses'] {
  const codes = [...commonErrors, ...(body.mediaTypes.length === 0 ? [] : bodyErrors), ...errors];
  const byStatus = Map.groupBy(new Set(codes), (code) => errorCodes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, several]) => [
      status,
      {
        description: several.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join(' '),
        content: {
          'application/problem+json': {
            schema: { $ref: `${components}Problem` },
            ...(several[0] === undefined ? {} : { example: exampleProblem(several[0]) }),
          },
        },
      },
    ]),
  );
}

function describeSecurity({ issuer, audience, scopes: known, flows }: ApiDescription): JsonSchema {
  const scopes = Object.fromEntries(known.map(({ name, description }) => [name, description]));
  const tokenUrl = `${issuer}/oauth2/token`;
  const described = {
    clientCredentials: { tokenUrl, scopes },
    authorizationCode: { authorizationUrl: `${issuer}/oauth2/authorize`, tokenUrl, scopes },
  };
  return {
    type: 'oauth2',
    description: `Ask for the resource ${audience} (RFC 8707). A token that is bound to a key (RFC 9449) comes as \`Authorization: DPoP\`, with a proof for each request.`,
    flows: Object.fromEntries(flows.map((flow) => [flow, described[flow]])),
  };
}

type WriteSchema = (schema: z.ZodType, io: 'input' | 'output') => JsonSchema;

/** JSON Schema 2020-12, which OpenAPI 3.1 uses as it is; schemas with a name are put among `named` and referred to. */
function makeSchemaWriter(named: Record<string, JsonSchema>): WriteSchema {
  return (schema, io) => {
    const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
    const { $defs = {}, ...written } = referToComponents(rest);
    Object.assign(named, $defs);
    return written;
  };
}

function referToComponents(schema: JsonSchema): JsonSchema & { $defs?: Record<string, JsonSchema> } {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${components}`));
}
