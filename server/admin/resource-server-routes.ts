import { z } from 'zod';
import type { CreateResourceServer } from '../clients/create-resource-server.ts';
import type { DeleteResourceServer } from '../clients/delete-resource-server.ts';
import type { AllResourceServers } from '../clients/list-resource-servers.ts';
import type { ResourceServer } from '../clients/resource-servers.ts';
import type { UpdateResourceServer, UpdateResourceServerInput } from '../clients/update-resource-server.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage, searchText } from '../http/api/list-query.ts';
import { type Answer, defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { anyObject } from './client-body.ts';
import type { Rank } from './rank.ts';
import {
  newResourceServerBody,
  patchedResourceServerBody,
  resourceServerView,
  showResourceServer,
  withoutReadOnly,
} from './resource-server-body.ts';
import {
  conditionsOf,
  findChangeable,
  findResourceServer,
  refusalOfResourceServer,
  resourceServerTarget,
} from './resource-server-target.ts';

export interface ResourceServerRouteDeps {
  allResourceServers: AllResourceServers;
  createResourceServer: CreateResourceServer;
  updateResourceServer: UpdateResourceServer;
  deleteResourceServer: DeleteResourceServer;
  rank: Rank;
  cursors: Cursors;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

const target = resourceServerTarget;
const changeErrors = [
  'resource_server_not_found',
  'built_in',
  'precondition_failed',
  'scope_in_use',
  'permission_not_held',
] as const;

/**
 * `resource-servers` of the admin API: APIs that take our access tokens. Their scopes are what roles are made of, so the
 * scopes of roles are asked for here.
 */
export function makeResourceServerRoutes(deps: ResourceServerRouteDeps): Route[] {
  return [
    listResourceServers(deps),
    createResourceServer(deps),
    readResourceServer(deps),
    replaceResourceServer(deps),
    patchResourceServer(deps),
    deleteResourceServer(deps),
  ];
}

const listResourceServers = ({ allResourceServers, cursors }: ResourceServerRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/resource-servers',
    operationId: 'listResourceServers',
    scope: 'roles:read',
    summary: "All resource servers: the server's own first, then the others, oldest first",
    params: noParameters,
    query: z.strictObject({
      ...pageQuery,
      search: searchText.optional().meta({ description: 'How the name or the resource begins.' }),
    }),
    body: noBody,
    success: { status: 200, description: 'A page of resource servers', schema: pageOf(resourceServerView) },
    errors: ['invalid_cursor'],
    async handle({ query: { limit, after, search } }) {
      const page = (place: string | undefined) => allResourceServers.list({ limit, after: place, search });
      return {
        status: 200,
        body: await readPage(cursors, 'resource-servers', after, page, showResourceServer, { search }),
      };
    },
  });

const createResourceServer = (deps: ResourceServerRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/resource-servers',
    operationId: 'createResourceServer',
    scope: 'roles:write',
    summary: 'Make a resource server: an API that takes access tokens of this server (RFC 8707)',
    params: noParameters,
    query: noParameters,
    body: { schema: anyObject, documented: newResourceServerBody, mediaTypes: ['application/json'] },
    success: { status: 201, description: 'The whole resource server', schema: resourceServerView },
    errors: ['resource_taken'],
    async handle({ body, by }): Promise<Answer> {
      const outcome = await deps.createResourceServer({ given: body, by });
      switch (outcome.kind) {
        case 'created':
          return {
            ...answerWith(outcome.server),
            status: 201,
            location: `${deps.root}/resource-servers/${outcome.server.id}`,
          };
        case 'refused':
          throw new AppError('invalid_input', { fields: outcome.fields });
        case 'resource_taken':
          throw new AppError('resource_taken');
        default:
          return outcome satisfies never;
      }
    },
  });

const readResourceServer = (deps: ResourceServerRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/resource-servers/{id}',
    operationId: 'readResourceServer',
    scope: 'roles:read',
    summary: 'One resource server',
    ...target,
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The resource server', schema: resourceServerView },
    errors: ['resource_server_not_found'],
    handle: async ({ params }) => answerWith(await findResourceServer(deps, params.id)),
  });

const replaceResourceServer = (deps: ResourceServerRouteDeps) =>
  defineRoute({
    method: 'PUT',
    path: '/resource-servers/{id}',
    operationId: 'replaceResourceServer',
    scope: 'roles:write',
    summary: 'Replace a resource server; what is left out gets its default, `restricted` stays as it is',
    ...target,
    query: noParameters,
    body: { schema: anyObject, documented: newResourceServerBody, mediaTypes: ['application/json'] },
    success: { status: 200, description: 'The whole resource server', schema: resourceServerView },
    errors: changeErrors,
    async handle({ params, body, ifMatch, caller, by }) {
      const server = await findChangeable(deps, params.id, ifMatch);
      const change = { kind: 'replace', given: withoutReadOnly(body, server) } as const;
      const conditions = conditionsOf(deps.rank, caller, ifMatch, server);
      return changeResourceServer(deps, { id: server.id, change, by, ...conditions });
    },
  });

const patchResourceServer = (deps: ResourceServerRouteDeps) =>
  defineRoute({
    method: 'PATCH',
    path: '/resource-servers/{id}',
    operationId: 'patchResourceServer',
    scope: 'roles:write',
    summary: 'Change a resource server (JSON merge patch, RFC 7396); lists are replaced whole',
    ...target,
    query: noParameters,
    body: {
      schema: anyObject,
      documented: patchedResourceServerBody,
      mediaTypes: ['application/merge-patch+json', 'application/json'],
    },
    success: { status: 200, description: 'The whole resource server', schema: resourceServerView },
    errors: changeErrors,
    async handle({ params, body, ifMatch, caller, by }) {
      const server = await findChangeable(deps, params.id, ifMatch);
      const change = { kind: 'merge', patch: withoutReadOnly(body, server) } as const;
      const conditions = conditionsOf(deps.rank, caller, ifMatch, server);
      return changeResourceServer(deps, { id: server.id, change, by, ...conditions });
    },
  });

const deleteResourceServer = (deps: ResourceServerRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/resource-servers/{id}',
    operationId: 'deleteResourceServer',
    scope: 'roles:write',
    summary: 'Delete a resource server with its scopes; its tokens end, and what people agreed to about it',
    ...target,
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It is gone' },
    errors: changeErrors,
    async handle({ params, ifMatch, caller, by }) {
      const server = await findChangeable(deps, params.id, ifMatch);
      const conditions = conditionsOf(deps.rank, caller, ifMatch, server);
      const outcome = await deps.deleteResourceServer({ id: server.id, by, ...conditions });
      if (outcome.kind !== 'deleted') throw refusalOfResourceServer(outcome);
      return { status: 204 };
    },
  });

const answerWith = (server: ResourceServer): Answer => ({
  status: 200,
  body: showResourceServer(server),
  version: server.version,
});

async function changeResourceServer(
  { updateResourceServer }: ResourceServerRouteDeps,
  input: UpdateResourceServerInput,
): Promise<Answer> {
  const outcome = await updateResourceServer(input);
  if (outcome.kind === 'updated') return answerWith(outcome.server);
  if (outcome.kind === 'refused') throw new AppError('invalid_input', { fields: outcome.fields });
  throw refusalOfResourceServer(outcome);
}
