import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeAttributeStore } from '../../adapters/postgres/stores/attribute-store.ts';
import type { AttributeDefinition, PresentAttributes } from '../accounts/attributes/definition.ts';
import {
  type ManageAttributesDeps,
  makeChangeAttribute,
  makeDefineAttribute,
  makeDeleteAttribute,
} from '../accounts/attributes/manage-attributes.ts';
import { type AttributeStore, mostAttributes } from '../accounts/attributes/store.ts';
import type { ChangeFeed } from '../changes/feed.ts';
import { keep } from '../changes/kept.ts';
import { builtInResourceServers } from '../clients/resource-servers.ts';
import { makeAttributeClaims } from '../oidc/attribute-claims.ts';
import type { Changes } from './changes.ts';

export interface AttributesDeps extends Pick<ManageAttributesDeps, 'audit' | 'inTransaction' | 'clock'> {
  database: Database;
  changes: Changes;
  issuer: string;
}

/** What operators define of people, and how apps get it. */
export function makeAttributes({ database, changes, issuer, ...ports }: AttributesDeps) {
  const attributes = makeAttributeStore(database, {
    most: mostAttributes,
    onChanged: () => changes.changed('user_attribute'),
  });
  const reservedScopes = builtInResourceServers(issuer).flatMap(({ scopes }) =>
    scopes.map(({ name }) => name),
  );
  const deps = { ...ports, attributes, reservedScopes };
  const presentAttributes = keepAttributes(attributes, changes.feed);
  return {
    attributes,
    presentAttributes,
    attributeClaims: makeAttributeClaims(presentAttributes),
    defineAttribute: makeDefineAttribute(deps),
    changeAttribute: makeChangeAttribute(deps),
    deleteAttribute: makeDeleteAttribute(deps),
  };
}

/** In memory as long as the feed tells that nobody has changed one: every form and every token asks. */
function keepAttributes(attributes: Pick<AttributeStore, 'list'>, feed: ChangeFeed): PresentAttributes {
  const kept = keep<readonly AttributeDefinition[]>({
    feed,
    topic: 'user_attribute',
    most: 1,
    now: () => performance.now(),
    read: async () => (await attributes.list()).map(({ definition }) => definition),
  });
  return async () => (await kept.get('all')) ?? [];
}
