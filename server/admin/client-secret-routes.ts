import { z } from 'zod';
import type { Client, ClientSecret } from '../clients/client.ts';
import type {
  ChangeSecret,
  ChangeSecretOutcome,
  CreateSecret,
  CreateSecretOutcome,
  DeleteSecret,
  DeleteSecretOutcome,
} from '../clients/secrets/manage-secrets.ts';
import type { ClientSecretStore } from '../clients/secrets/secret-store.ts';
import type { ClientStore } from '../clients/store.ts';
import type { Clock } from '../clock.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { type Answer, defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import {
  changedSecretBody,
  expiryOf,
  madeSecretView,
  newSecretBody,
  secretView,
  showSecret,
} from './client-secret-body.ts';
import type { Rank } from './rank.ts';

export interface ClientSecretRouteDeps {
  clients: Pick<ClientStore, 'find'>;
  clientSecrets: Pick<ClientSecretStore, 'find' | 'list'>;
  createSecret: CreateSecret;
  changeSecret: ChangeSecret;
  deleteSecret: DeleteSecret;
  rank: Rank;
  clock: Clock;
  cursors: Cursors;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

const id = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const oneClient = z.strictObject({ id });
const oneSecret = z.strictObject({ id, secret: id });

/** `clients/{id}/secrets` of the admin API. */
export function makeClientSecretRoutes(deps: ClientSecretRouteDeps): Route[] {
  return [listSecrets(deps), createSecret(deps), readSecret(deps), patchSecret(deps), deleteSecret(deps)];
}

const listSecrets = ({ clients, clientSecrets, rank, clock, cursors }: ClientSecretRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/clients/{id}/secrets',
    operationId: 'listClientSecrets',
    scope: 'clients:read',
    summary:
      'The secrets of a client, oldest first, without the secrets themselves; expired ones for a while',
    params: oneClient,
    missing: 'client_not_found',
    query: z.strictObject(pageQuery),
    body: noBody,
    success: { status: 200, description: 'A page of secrets', schema: pageOf(secretView) },
    errors: ['client_not_found', 'invalid_cursor'],
    async handle({ params, query: { limit, after } }) {
      const client = await findClient({ clients, rank }, params.id);
      const page = (place: string | undefined) => clientSecrets.list(client.id, { limit, after: place });
      const show = (secret: ClientSecret) => showSecret(secret, clock.now());
      return { status: 200, body: await readPage(cursors, `secrets ${client.id}`, after, page, show) };
    },
  });

const createSecret = (deps: ClientSecretRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/clients/{id}/secrets',
    operationId: 'createClientSecret',
    scope: 'clients:write',
    summary: 'Make one more secret; with expire_others_in it is a rotation in which no request fails',
    params: oneClient,
    missing: 'client_not_found',
    query: noParameters,
    body: { schema: newSecretBody, mediaTypes: ['application/json'] },
    success: { status: 201, description: 'The secret, shown this once', schema: madeSecretView },
    errors: ['client_not_found', 'built_in', 'no_secrets', 'too_many_secrets'],
    async handle({ params, body, caller, by }): Promise<Answer> {
      const client = await findClient(deps, params.id, caller);
      const outcome = await deps.createSecret({
        clientId: client.id,
        description: body.description ?? null,
        expiresAt: expiryOf(body, deps.clock.now()),
        expireOthersIn: body.expire_others_in,
        by,
      });
      if (outcome.kind !== 'created') throw refusal(outcome.kind);
      const { secret, plain } = outcome;
      return {
        status: 201,
        body: { ...showSecret(secret, deps.clock.now()), client_secret: plain },
        location: `${deps.root}/clients/${client.id}/secrets/${secret.id}`,
      };
    },
  });

const readSecret = ({ clients, clientSecrets, rank, clock }: ClientSecretRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/clients/{id}/secrets/{secret}',
    operationId: 'readClientSecret',
    scope: 'clients:read',
    summary: 'One secret of a client, without the secret itself',
    params: oneSecret,
    missing: 'secret_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'What is known of it', schema: secretView },
    errors: ['client_not_found', 'secret_not_found'],
    async handle({ params }) {
      const client = await findClient({ clients, rank }, params.id);
      const secret = await clientSecrets.find(client.id, params.secret);
      if (secret === undefined) throw new AppError('secret_not_found');
      return { status: 200, body: showSecret(secret, clock.now()) };
    },
  });

const patchSecret = (deps: ClientSecretRouteDeps) =>
  defineRoute({
    method: 'PATCH',
    path: '/clients/{id}/secrets/{secret}',
    operationId: 'patchClientSecret',
    scope: 'clients:write',
    summary: 'Change until when a live secret is good, or what it is called (JSON merge patch, RFC 7396)',
    params: oneSecret,
    missing: 'secret_not_found',
    query: noParameters,
    body: {
      schema: changedSecretBody,
      mediaTypes: ['application/merge-patch+json', 'application/json'],
    },
    success: { status: 200, description: 'What is known of it now', schema: secretView },
    errors: ['client_not_found', 'secret_not_found', 'built_in', 'no_secrets', 'secret_expired'],
    async handle({ params, body, caller, by }) {
      const client = await findClient(deps, params.id, caller);
      const { expires_at: at, description } = body;
      const now = deps.clock.now();
      const outcome = await deps.changeSecret({
        clientId: client.id,
        secretId: params.secret,
        expiresAt: at === undefined ? undefined : expiryOf({ expires_at: at }, now),
        description,
        by,
      });
      if (outcome.kind !== 'changed') throw refusal(outcome.kind);
      return { status: 200, body: showSecret(outcome.secret, now) };
    },
  });

const deleteSecret = (deps: ClientSecretRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/clients/{id}/secrets/{secret}',
    operationId: 'deleteClientSecret',
    scope: 'clients:write',
    summary: 'End a secret at once; not the last one that is alive',
    params: oneSecret,
    missing: 'secret_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'Nobody gets in by it any more' },
    errors: ['client_not_found', 'secret_not_found', 'built_in', 'no_secrets', 'last_secret'],
    async handle({ params, caller, by }) {
      const client = await findClient(deps, params.id, caller);
      const { kind } = await deps.deleteSecret({ clientId: client.id, secretId: params.secret, by });
      if (kind !== 'deleted') throw refusal(kind);
      return { status: 204 };
    },
  });

/** @throws AppError client_not_found; InsufficientScope where a change takes more than the caller has */
async function findClient(
  { clients, rank }: Pick<ClientSecretRouteDeps, 'clients' | 'rank'>,
  clientId: string,
  changedBy?: Caller,
): Promise<Client> {
  const client = await clients.find(clientId);
  if (client === undefined) throw new AppError('client_not_found');
  if (changedBy !== undefined) await rank.overClient(changedBy, client);
  return client;
}

type Refused = Exclude<
  (CreateSecretOutcome | ChangeSecretOutcome | DeleteSecretOutcome)['kind'],
  'created' | 'changed' | 'deleted'
>;

const codes: Readonly<Record<Refused, ErrorCode>> = {
  missing: 'client_not_found',
  secret_missing: 'secret_not_found',
  built_in: 'built_in',
  no_secrets: 'no_secrets',
  too_many: 'too_many_secrets',
  last: 'last_secret',
  expired: 'secret_expired',
};

const refusal = (kind: Refused): AppError => new AppError(codes[kind]);
