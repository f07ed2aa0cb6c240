import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { ClientError, ClientErrorQuery, ClientErrorStore } from '../clients/refusals/client-error.ts';
import type { ErrorIds } from '../clients/refusals/error-ids.ts';
import { refusalCodes } from '../clients/refusals/kinds.ts';
import type { ClientStore } from '../clients/store.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { clientErrorView, showClientError } from './client-error-view.ts';

export interface ClientErrorRouteDeps {
  clientErrors: Pick<ClientErrorStore, 'find' | 'list'>;
  errorIds: Pick<ErrorIds, 'entriesOf'>;
  clients: Pick<ClientStore, 'find' | 'list'>;
  cursors: Cursors;
}

const clientId = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const seconds = z
  .string()
  .regex(/^\d{1,11}$/, 'Give seconds since 1970.')
  .transform((text) => new Date(Number(text) * 1000));

const filters = {
  ...pageQuery,
  code: z.enum(refusalCodes).optional(),
  endpoint: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .optional()
    .meta({ description: 'Such as `authorize` or `token`.' }),
  since: seconds.optional().meta({ description: 'Seen then or later.' }),
  until: seconds.optional().meta({ description: 'Begun before then.' }),
  request_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22}$/)
    .optional()
    .meta({ description: '`X-Request-Id` of the answer; of the last few of each entry.' }),
};

/** `client-errors` of the admin API: why the requests of clients were refused. */
export function makeClientErrorRoutes(deps: ClientErrorRouteDeps): Route[] {
  return [listErrors(deps), readError(deps), listErrorsOfClient(deps)];
}

const listErrors = (deps: ClientErrorRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/client-errors',
    operationId: 'listClientErrors',
    scope: 'audit:read',
    summary: 'Why requests of clients were refused, the latest hour first',
    params: noParameters,
    query: z.strictObject({
      ...filters,
      client_id: clientId.optional(),
      unattributed: z.literal('true').optional().meta({ description: 'Only those of no registered client.' }),
      error_id: z
        .string()
        .regex(/^[A-Za-z0-9_-]{22}$/)
        .optional()
        .meta({ description: 'What the page of an error shows.' }),
    }),
    body: noBody,
    success: { status: 200, description: 'A page of reasons', schema: pageOf(clientErrorView) },
    errors: ['invalid_cursor'],
    async handle({ query: { error_id: errorId, client_id: whose, unattributed, ...query } }) {
      const ids = errorId === undefined ? {} : { ids: deps.errorIds.entriesOf(errorId) };
      const ofClient = unattributed === undefined ? { clientId: whose } : { clientId: null };
      return page(deps, 'client-errors', { ...query, ...ofClient, ...ids });
    },
  });

const listErrorsOfClient = (deps: ClientErrorRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/clients/{id}/errors',
    operationId: 'listErrorsOfClient',
    scope: 'audit:read',
    summary: 'Why requests of one client were refused, the latest hour first',
    params: z.strictObject({ id: clientId }),
    missing: 'client_not_found',
    query: z.strictObject(filters),
    body: noBody,
    success: { status: 200, description: 'A page of reasons', schema: pageOf(clientErrorView) },
    errors: ['client_not_found', 'invalid_cursor'],
    async handle({ params: { id }, query }) {
      if ((await deps.clients.find(id)) === undefined) throw new AppError('client_not_found');
      return page(deps, 'errors-of-client', { ...query, clientId: id });
    },
  });

const readError = (deps: ClientErrorRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/client-errors/{id}',
    operationId: 'readClientError',
    scope: 'audit:read',
    summary: 'One reason why a client was refused',
    params: z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{14}$/) }),
    missing: 'client_error_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The reason, and when it was met', schema: clientErrorView },
    errors: ['client_error_not_found'],
    async handle({ params: { id } }) {
      const found = await deps.clientErrors.find(id);
      if (found === undefined) throw new AppError('client_error_not_found');
      return { status: 200, body: showClientError(found, await nearestClient(deps, found)) };
    },
  });

async function page(
  deps: ClientErrorRouteDeps,
  list: string,
  { request_id: requestId, ...query }: ClientErrorQuery & { request_id?: string | undefined },
) {
  const read = (after: string | undefined) => deps.clientErrors.list({ ...query, requestId, after });
  const body = await readPage(deps.cursors, list, query.after, read, (error) => showClientError(error), {
    ...query,
    requestId,
  });
  return { status: 200, body } as const;
}

/** Clients that an unknown client_id is compared with. */
const compared = 500;

/** Whom an unknown client_id may have meant; nobody but operators is told. */
async function nearestClient(
  { clients }: ClientErrorRouteDeps,
  { code, facts: { client_id: sent } }: ClientError,
): Promise<string | undefined> {
  if (code !== 'client_unknown' || typeof sent !== 'string' || sent.includes('***')) return undefined;
  const { items } = await clients.list({ limit: compared });
  const [nearest] = items
    .map(({ id }) => ({ id, far: distance(sent.toLowerCase(), id.toLowerCase()) }))
    .toSorted((one, other) => one.far - other.far);
  return nearest !== undefined && nearest.far <= Math.max(2, sent.length / 3) ? nearest.id : undefined;
}
