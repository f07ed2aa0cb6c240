import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import type { CreateClient } from '../clients/create-client.ts';
import type { DeleteClient } from '../clients/delete-client.ts';
import type { ClientStore } from '../clients/store.ts';
import type { UpdateClient, UpdateClientInput } from '../clients/update-client.ts';
import { AppError } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import type { Cursors } from '../http/api/cursor.ts';
import type { Precondition } from '../http/api/etag.ts';
import { createdQuery, pageOf, pageQuery, readPage, searchText, sortQuery } from '../http/api/list-query.ts';
import { type Answer, defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import {
  anyObject,
  changedClientBody,
  clientView,
  newClientBody,
  patchedClientBody,
  showClient,
  withoutReadOnly,
} from './client-body.ts';
import type { Rank } from './rank.ts';

export interface ClientRouteDeps {
  clients: Pick<ClientStore, 'find' | 'list'>;
  createClient: CreateClient;
  updateClient: UpdateClient;
  deleteClient: DeleteClient;
  rank: Rank;
  cursors: Cursors;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

const oneClient = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/) });
const changeErrors = ['client_not_found', 'built_in', 'precondition_failed'] as const;

/** `clients` of the admin API: registered apps and services. */
export function makeClientRoutes(deps: ClientRouteDeps): Route[] {
  return [
    listClients(deps),
    createClient(deps),
    readClient(deps),
    replaceClient(deps),
    patchClient(deps),
    deleteClient(deps),
  ];
}

const listClients = ({ clients, cursors }: ClientRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/clients',
    operationId: 'listClients',
    scope: 'clients:read',
    summary: 'All clients, oldest first unless another order is asked for',
    params: noParameters,
    query: z.strictObject({
      ...pageQuery,
      sort: sortQuery(['created_at', 'client_name']),
      search: searchText.optional().meta({ description: 'How the client_id or client_name begins.' }),
      ...createdQuery,
    }),
    body: noBody,
    success: { status: 200, description: 'A page of clients', schema: pageOf(clientView) },
    errors: ['invalid_cursor'],
    async handle({ query }) {
      const { limit, after, search, sort: order } = query;
      const { created_from: createdFrom, created_before: createdBefore } = query;
      const asked = { limit, search, order, createdFrom, createdBefore };
      const page = (place: string | undefined) => clients.list({ ...asked, after: place });
      return {
        status: 200,
        body: await readPage(cursors, 'clients', after, page, (client) => showClient(client), query),
      };
    },
  });

const createClient = (deps: ClientRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/clients',
    operationId: 'createClient',
    scope: 'clients:write',
    summary: 'Register a client',
    params: noParameters,
    query: noParameters,
    body: { schema: anyObject, documented: newClientBody, mediaTypes: ['application/json'] },
    success: {
      status: 201,
      description: 'The whole client, with its secret if it has one',
      schema: clientView,
    },
    errors: ['invalid_client_metadata', 'invalid_redirect_uri', 'client_id_taken'],
    async handle({ body: { client_id: clientId, ...metadata }, caller, by }): Promise<Answer> {
      await deps.rank.toRegister(caller, metadata.scope);
      const outcome = await deps.createClient({ clientId, metadata, by });
      switch (outcome.kind) {
        case 'created':
          return {
            ...answerWith(outcome.client, outcome.secret),
            status: 201,
            location: `${deps.root}/clients/${outcome.client.id}`,
          };
        case 'refused':
          throw new AppError(outcome.code, { fields: outcome.fields });
        case 'client_id_taken':
          throw new AppError('client_id_taken');
        default:
          return outcome satisfies never;
      }
    },
  });

const readClient = ({ clients }: ClientRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/clients/{id}',
    operationId: 'readClient',
    scope: 'clients:read',
    summary: 'One client',
    params: oneClient,
    missing: 'client_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The client', schema: clientView },
    errors: ['client_not_found'],
    handle: async ({ params }) => answerWith(await find(clients, params.id)),
  });

const replaceClient = (deps: ClientRouteDeps) =>
  defineRoute({
    method: 'PUT',
    path: '/clients/{id}',
    operationId: 'replaceClient',
    scope: 'clients:write',
    summary: 'Replace the metadata of a client; what is left out gets its default',
    params: oneClient,
    missing: 'client_not_found',
    query: noParameters,
    body: { schema: anyObject, documented: changedClientBody, mediaTypes: ['application/json'] },
    success: { status: 200, description: 'The whole client', schema: clientView },
    errors: ['invalid_client_metadata', 'invalid_redirect_uri', ...changeErrors],
    async handle({ params, body, ifMatch, caller, by }) {
      const client = await findMatching(deps, params.id, ifMatch, caller);
      await deps.rank.toRegister(caller, body.scope);
      const change = { kind: 'replace', metadata: withoutReadOnly(body, client) } as const;
      return changeClient(deps, client, ifMatch, { change, by });
    },
  });

const patchClient = (deps: ClientRouteDeps) =>
  defineRoute({
    method: 'PATCH',
    path: '/clients/{id}',
    operationId: 'patchClient',
    scope: 'clients:write',
    summary: 'Change some metadata of a client (JSON merge patch, RFC 7396)',
    params: oneClient,
    missing: 'client_not_found',
    query: noParameters,
    body: {
      schema: anyObject,
      documented: patchedClientBody,
      mediaTypes: ['application/merge-patch+json', 'application/json'],
    },
    success: { status: 200, description: 'The whole client', schema: clientView },
    errors: ['invalid_client_metadata', 'invalid_redirect_uri', ...changeErrors],
    async handle({ params, body, ifMatch, caller, by }) {
      const client = await findMatching(deps, params.id, ifMatch, caller);
      await deps.rank.toRegister(caller, body.scope);
      const change = { kind: 'merge', patch: withoutReadOnly(body, client) } as const;
      return changeClient(deps, client, ifMatch, { change, by });
    },
  });

const deleteClient = (deps: ClientRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/clients/{id}',
    operationId: 'deleteClient',
    scope: 'clients:write',
    summary: 'Delete a client with its secrets and tokens',
    params: oneClient,
    missing: 'client_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It is gone' },
    errors: changeErrors,
    async handle({ params, ifMatch, caller, by }) {
      const { id, version } = await findMatching(deps, params.id, ifMatch, caller);
      const outcome = await deps.deleteClient({ id, by, ...expected(ifMatch, version) });
      if (outcome.kind !== 'deleted') throw refusal(outcome.kind);
      return { status: 204 };
    },
  });

const answerWith = (client: Client, secret?: string): Answer => ({
  status: 200,
  body: showClient(client, secret),
  version: client.version,
});

async function find(clients: Pick<ClientStore, 'find'>, id: string): Promise<Client> {
  const client = await clients.find(id);
  if (client === undefined) throw new AppError('client_not_found');
  return client;
}

/** The client that is to be changed: one that may be, by this caller, in a version that the caller knows. */
async function findMatching(
  { clients, rank }: ClientRouteDeps,
  id: string,
  ifMatch: Precondition,
  caller: Caller,
): Promise<Client> {
  const client = await find(clients, id);
  if (client.builtIn) throw new AppError('built_in');
  await rank.overClient(caller, client);
  ifMatch.check(client.version);
  return client;
}

const expected = ({ binding }: Precondition, version: number) =>
  binding ? { expectedVersion: version } : {};

async function changeClient(
  deps: ClientRouteDeps,
  { id, version }: Client,
  ifMatch: Precondition,
  input: Pick<UpdateClientInput, 'change' | 'by'>,
): Promise<Answer> {
  const outcome = await deps.updateClient({ id, ...input, ...expected(ifMatch, version) });
  if (outcome.kind === 'updated') return answerWith(outcome.client, outcome.secret);
  if (outcome.kind === 'refused') throw new AppError(outcome.code, { fields: outcome.fields });
  throw refusal(outcome.kind);
}

function refusal(kind: 'missing' | 'built_in' | 'stale'): AppError {
  switch (kind) {
    case 'missing':
      return new AppError('client_not_found');
    case 'built_in':
      return new AppError('built_in');
    case 'stale':
      return new AppError('precondition_failed');
    default:
      return kind satisfies never;
  }
}
