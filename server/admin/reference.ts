import type { ViewModels } from '../http/view-models.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';

type Reference = ViewModels['api-reference'];

/** The readable page about an API, out of its description. */
export function toReference({ info, servers, paths }: OpenApiDocument): Reference {
  const [server] = servers;
  const root = server?.url ?? '';
  return {
    title: info.title,
    about: info.description,
    root,
    document: `${root}/openapi.json`,
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
      about: [description, JSON.stringify(schema)].filter((part) => part !== '').join(' '),
    })),
    body:
      bodies[0] === undefined
        ? null
        : {
            types: bodies.map(([type]) => type),
            schema: JSON.stringify(bodies[0][1].schema, null, 2),
          },
    answers: Object.entries(responses).map(([status, { description, content }]) => ({
      status,
      about: description,
      schema: toText(content?.['application/json']?.schema),
    })),
  };
}

const toText = (schema: unknown): string | null =>
  schema === undefined ? null : JSON.stringify(schema, null, 2);
