import type { ViewModels } from '../view-models.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';

type Reference = ViewModels['api-reference'];

/** The readable page about an API, out of its description. */
export function toReference({ info, servers, paths, components }: OpenApiDocument): Reference {
  const [server] = servers;
  const root = server?.url ?? '';
  return {
    title: info.title,
    about: info.description,
    root,
    document: `${root}/openapi.json`,
    schemas: Object.entries(components.schemas).map(([name, schema]) => ({ name, text: toText(schema) })),
    operations: Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => describe(method, path, operation)),
    ),
  };
}

function describe(method: string, path: string, operation: Operation): Reference['operations'][number] {
  const { operationId, summary, security, parameters, requestBody, responses } = operation;
  const bodies = Object.entries(requestBody?.content ?? {});
  return {
    id: operationId,
    request: `${method.toUpperCase()} ${path}`,
    summary,
    scopes: security.flatMap(({ gatehouse }) => gatehouse),
    parameters: parameters.map(({ name, in: place, description = '', schema }) => ({
      name,
      place,
      about: [plain(description), JSON.stringify(schema)].filter((part) => part !== '').join(' '),
    })),
    body:
      bodies[0] === undefined ? null : { types: bodies.map(([type]) => type), ...show(bodies[0][1].schema) },
    answers: Object.entries(responses).map(([status, { description, content = {} }]) => ({
      status,
      about: plain(description),
      ...show(Object.values(content)[0]?.schema),
    })),
  };
}

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
