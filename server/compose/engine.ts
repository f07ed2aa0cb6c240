import type { Client, default as Provider } from 'oidc-provider';
import { makeEngineFetch } from '../../adapters/net/engine-fetch.ts';
import { makeArtifactAdapter } from '../../adapters/postgres/artifacts/adapter.ts';
import { makeKnownAccounts } from '../../adapters/postgres/artifacts/known-account.ts';
import { makeSeenOnce } from '../../adapters/postgres/artifacts/seen-once.ts';
import { corsOrigins } from '../clients/metadata.ts';
import { adminAudience } from '../clients/resource-servers.ts';
import type { Config } from '../config/schema.ts';
import type { Metrics } from '../http/management.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { Log } from '../log.ts';
import { clientAdapter } from '../oidc/client-adapter.ts';
import { rolesOfClient } from '../oidc/client-roles.ts';
import { type EnginePages, makeProvider, type ProviderDeps } from '../oidc/provider.ts';
import type { TellRefusals } from '../oidc/refusals/tell-refusals.ts';
import { makeIsWider } from '../oidc/wider-tokens.ts';
import type { House } from './house.ts';
import type { Storage } from './storage.ts';

export interface EngineDeps {
  config: Config;
  storage: Storage;
  house: House;
  log: Log;
  metrics: Metrics;
  signingKeys: readonly SigningKey[];
  pages: EnginePages;
  tellRefusals: TellRefusals;
  policy: ProviderDeps['policy'];
  promptValues: ProviderDeps['promptValues'];
  interactionUrl: ProviderDeps['interactionUrl'];
}

/** The engine on our storage. */
export function makeEngine(deps: EngineDeps): Provider {
  const { config, storage, house, log, metrics } = deps;
  const { issuer } = config.site;
  const artifacts = makeArtifactAdapter(storage.database, {
    sealer: house.envelope,
    units: house.units,
    replayWindow: config.lifetimes.refreshReplayWindow,
  });
  return makeProvider({
    issuer,
    secure: issuer.startsWith('https:'),
    cookieKeys: storage.secrets.cookieKeys.map(({ key }) => key.toString('base64url')),
    signingKeys: deps.signingKeys,
    lifetimes: config.lifetimes,
    adapter: (model) => (model === 'Client' ? clientAdapter(house.clientReader) : artifacts(model)),
    readClient: house.clientReader.find,
    seenOnce: makeSeenOnce(storage.database),
    accounts: makeKnownAccounts(house.accounts, house.units),
    attributeClaims: house.attributeClaims,
    consents: {
      ...house.consents,
      async find(accountId, clientId) {
        const found = await house.consents.find(accountId, clientId);
        if (found !== undefined) house.units.noteConsent(found);
        return found;
      },
    },
    standing: house.tokenStanding,
    secretGuesses: house.secretGuesses,
    secretUses: house.secretUses,
    resources: {
      find: house.resourceServerReader.find,
      needsRegistration: ({ resource }) => resource === adminAudience(issuer),
      permissionsOf: house.roleGraph.permissionsOf,
      rolesOf: (client) => rolesOfClient(client, house.clock.now()),
    },
    roleGraph: house.roleGraph,
    isWider: makeIsWider({ ...house, find: house.resourceServerReader.find }),
    clock: house.clock,
    corsOrigins: corsOriginsOf,
    interactionUrl: deps.interactionUrl,
    policy: deps.policy,
    promptValues: deps.promptValues,
    pages: deps.pages,
    events: {
      audit: house.audit,
      tellApps: house.tellApps,
      refusals: deps.tellRefusals,
      log,
      count: (endpoint, outcome) => metrics.protocol.inc({ endpoint, outcome }),
    },
    fetch: makeEngineFetch(config.fetch.allow),
  });
}

function corsOriginsOf({
  allowed_cors_origins: allowed,
  redirectUris,
  tokenEndpointAuthMethod,
}: Client): string[] {
  return corsOrigins({
    allowed_cors_origins: allowed as string[] | undefined,
    redirect_uris: [...(redirectUris ?? [])],
    token_endpoint_auth_method: tokenEndpointAuthMethod === 'none' ? 'none' : 'client_secret_basic',
  });
}
