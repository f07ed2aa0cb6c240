import { type AttributeDefinition, displayNameIn } from '../server/accounts/attributes/definition.ts';
import type { ResourceServer } from '../server/clients/resource-servers.ts';
import type { ScopeGroup } from '../server/http/view-models.ts';
import type { MessageKey, Words } from '../server/http/words.ts';
import type { Agreed } from '../server/sessions/consent.ts';
import { pageLanguage } from './attribute-fields.ts';

export interface ResourceServers {
  /** By audience. */
  find(resource: string): Promise<ResourceServer | undefined>;
}

interface Description {
  label: MessageKey;
  detail?: MessageKey;
}

/** OIDC scopes in plain words. */
const descriptions: Readonly<Record<string, Description>> = {
  openid: { label: 'scope.openid' },
  profile: { label: 'scope.profile', detail: 'scope.profile.detail' },
  email: { label: 'scope.email' },
  address: { label: 'scope.address' },
  phone: { label: 'scope.phone' },
  roles: { label: 'scope.roles' },
  permissions: { label: 'scope.permissions' },
  offline_access: { label: 'scope.offline_access', detail: 'scope.offline_access.detail' },
};

/** Scopes and claims as a person reads them: first those of the account here, then one group per resource server. */
export async function describeScopes(
  asked: Agreed,
  resources: ResourceServers,
  definitions: readonly AttributeDefinition[] = [],
): Promise<ScopeGroup[]> {
  const nameOf = (claim: string): string => {
    const definition = definitions.find((one) => one.claim?.name === claim);
    return definition === undefined ? claim : displayNameIn(definition, pageLanguage);
  };
  const ofAccount = [
    ...asked.openid.flatMap((scope) => describeOidcScope(scope, definitions)),
    ...asked.claims.map((claim) => ({
      label: { key: 'scope.claim' as const, params: { claim: nameOf(claim) } },
      detail: null,
    })),
  ];
  const ofResources = await Promise.all(
    Object.entries(asked.resources).map(async ([audience, scopes]) =>
      describeResource(audience, scopes, await resources.find(audience)),
    ),
  );
  const groups: ScopeGroup[] = [{ title: { key: 'scopes.of_account' }, scopes: ofAccount }, ...ofResources];
  return groups.filter(({ scopes }) => scopes.length > 0);
}

interface Described {
  label: Words;
  detail: Words | null;
}

/** Beside what the scope is for, what the operator lets it bring. */
function describeOidcScope(scope: string, definitions: readonly AttributeDefinition[]): Described[] {
  const names = definitions
    .filter(({ claim }) => claim?.scope === scope)
    .map((definition) => displayNameIn(definition, pageLanguage))
    .join(', ');
  const attributes: Described[] =
    names === '' ? [] : [{ label: { key: 'scope.attributes', params: { names } }, detail: null }];
  const description = Object.hasOwn(descriptions, scope) ? descriptions[scope] : undefined;
  if (description === undefined)
    return names === '' ? [{ label: { text: scope }, detail: null }] : attributes;
  const { label, detail } = description;
  return [{ label: { key: label }, detail: detail === undefined ? null : { key: detail } }, ...attributes];
}

function describeResource(
  audience: string,
  scopes: readonly string[],
  server: ResourceServer | undefined,
): ScopeGroup {
  const describe = (scope: string) => {
    const described = server?.scopes.find(({ name }) => name === scope)?.description;
    return described === undefined || described === ''
      ? { label: { text: scope }, detail: null }
      : { label: { text: described }, detail: { text: scope } };
  };
  return { title: { text: server?.name ?? audience }, scopes: scopes.map(describe) };
}
