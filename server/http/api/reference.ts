import { errorCodes } from '../../errors.ts';
import type { ViewModels } from '../view-models.ts';
import type { MediaType, OpenApiDocument, Operation } from './openapi.ts';

type Reference = ViewModels['api-reference'];
type ReferenceOperation = Reference['groups'][number]['operations'][number];

/** The readable page about an API, out of its description. */
export function toReference({ info, servers, tags, paths, components }: OpenApiDocument): Reference {
  const [server] = servers;
  const root = server?.url ?? '';
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return {
    title: info.title,
    about: info.description,
    root,
    document: `${root}/openapi.json`,
    schemas: Object.entries(components.schemas).map(([name, schema]) => ({ name, text: toText(schema) })),
    groups: tags.map(({ name }) => ({
      name,
      operations: operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ method, path, operation }) => describe(root, method, path, operation)),
    })),
    errors: Object.entries(errorCodes).map(([code, { status, title }]) => ({ code, status, title })),
  };
}

function describe(root: string, method: string, path: string, operation: Operation): ReferenceOperation {
  const { operationId, summary, security, parameters, requestBody, responses } = operation;
  const [body] = Object.entries(requestBody?.content ?? {});
  return {
    id: operationId,
    method,
    path,
    summary,
    scopes: security.flatMap(({ gatehouse }) => gatehouse),
    parameters: parameters.map(({ name, in: place, description = '', schema }) => ({
      name,
      place,
      about: [plain(description), JSON.stringify(schema)].filter((part) => part !== '').join(' '),
    })),
    body:
      body === undefined ? null : { types: Object.keys(requestBody?.content ?? {}), ...show(body[1].schema) },
    curl: toCurl(root, method, path, operation),
    answers: Object.entries(responses).map(([status, { description, content = {} }]) => {
      const isRefusal = Number(status) >= 400;
      const [shown] = Object.values<MediaType>(content);
      return {
        status,
        about: isRefusal ? null : plain(description),
        codes: isRefusal ? [...description.matchAll(/`([a-z_]+)`: /g)].map(([, code]) => String(code)) : [],
        example: isRefusal || shown?.example === undefined ? null : toText(shown.example),
        ...show(isRefusal ? undefined : shown?.schema),
      };
    }),
  };
}

/** A command to copy, with the example of the operation. */
function toCurl(root: string, method: string, path: string, operation: Operation): string {
  const { parameters, requestBody } = operation;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(parameters.find((one) => one.in === 'path' && one.name === name)?.example)),
  );
  const [body] = Object.entries(requestBody?.content ?? {});
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${quote(root + filled)}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...parameters.flatMap(({ name, example }) =>
      name === 'Idempotency-Key' ? [`-H ${quote(`${name}: ${String(example)}`)}`] : [],
    ),
    ...(body === undefined ? [] : [`-H ${quote(`Content-Type: ${body[0]}`)}`]),
    ...(body === undefined
      ? []
      : [body[1].example === undefined ? '--data-binary @file' : `-d ${quote(toText(body[1].example))}`]),
  ].join(' \\\n  ');
}

/** As a shell takes it. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A schema by its name where it has one, otherwise as it is. */
function show(schema: Record<string, unknown> | undefined): {
  schemaName: string | null;
  schema: string | null;
} {
  if (schema === undefined) return { schemaName: null, schema: null };
  const { $ref } = schema;
  if (typeof $ref === 'string') return { schemaName: $ref.slice($ref.lastIndexOf('/') + 1), schema: null };
  return { schemaName: null, schema: toText(schema) };
}

/** Descriptions are CommonMark in OpenAPI; of it they only use backticks. */
const plain = (description: string): string => description.replaceAll('`', '');

const toText = (schema: unknown): string => JSON.stringify(schema, null, 2);
