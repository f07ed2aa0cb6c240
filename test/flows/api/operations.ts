/** An operation as the server's own description of its API tells it. */
export interface DescribedOperation {
  operationId: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in the description: `/users/{id}`. */
  path: string;
  scope: string;
  /** Examples of the parameters in the path: such ids as there could be, of nothing that there is. */
  params: Readonly<Record<string, string>>;
  /** The orders that a list can have. */
  sorts: readonly string[];
  /** Names of the parameters in the query. */
  query: readonly string[];
  headers: readonly string[];
  /** Media types of the body; none where there is no body. */
  mediaTypes: readonly string[];
  /** An example of the body, where the description has one. */
  example: unknown;
  success: number;
  /** Statuses with which it can refuse. */
  refusals: readonly number[];
}

export const basePathOfAdmin = '/api/admin/v1';

interface Described {
  operationId: string;
  security: { gatehouse: string[] }[];
  parameters: { name: string; in: string; example?: unknown; schema: { enum?: string[] } }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, unknown>;
}

/** Every operation of an API, from the description that it serves. */
export async function readOperations(issuer: string, base: string): Promise<DescribedOperation[]> {
  const answer = await fetch(`${issuer}${base}/openapi.json`);
  const { paths }: { paths: Record<string, Record<string, Described>> } = JSON.parse(await answer.text());
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => toOperation(method, path, described)),
  );
}

function toOperation(method: string, path: string, described: Described): DescribedOperation {
  const { operationId, security, parameters, requestBody, responses } = described;
  const content = requestBody?.content ?? {};
  const statuses = Object.keys(responses).map(Number);
  const named = (place: string) => parameters.flatMap((one) => (one.in === place ? [one.name] : []));
  return {
    operationId,
    method: asMethod(method.toUpperCase()),
    path,
    scope: security[0]?.gatehouse[0] ?? '',
    params: Object.fromEntries(
      parameters.flatMap((one) => (one.in === 'path' ? [[one.name, String(one.example)]] : [])),
    ),
    sorts: parameters.find(({ name }) => name === 'sort')?.schema.enum ?? [],
    query: named('query'),
    headers: named('header'),
    mediaTypes: Object.keys(content),
    example: Object.values(content)[0]?.example,
    success: statuses.find((status) => status < 300) ?? 0,
    refusals: statuses.filter((status) => status >= 400),
  };
}

function asMethod(method: string): DescribedOperation['method'] {
  switch (method) {
    case 'GET':
    case 'POST':
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
      return method;
    default:
      throw new Error(`no test knows the method ${method}`);
  }
}

/** The path with ids of objects that do not exist. */
export const pathOfNothing = ({ path, params }: DescribedOperation): string =>
  path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));

export const isWrite = ({ method }: DescribedOperation): boolean => method !== 'GET';
