import { describe, expect, it } from '@jest/globals';
import { describeScopes } from '../../interactions/describe-scopes.ts';
import type { ResourceServer } from '../../server/clients/resource-servers.ts';

const invoices: ResourceServer = {
  resource: 'https://invoices.example',
  name: 'Invoices',
  scopes: [
    { name: 'read', description: 'See your invoices', restricted: false },
    { name: 'write', description: '', restricted: false },
  ],
  accessTokenFormat: 'jwt',
  accessTokenTtl: 600,
  clients: '*',
  scopePolicy: 'narrow',
  id: 'invoices',
  builtIn: false,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  version: 1,
};
const resources = {
  find: async (resource: string) => (resource === invoices.resource ? invoices : undefined),
};

describe('what a client asks for', () => {
  it('reads in plain words, first what concerns the account', async () => {
    const groups = await describeScopes(
      { openid: ['openid', 'profile'], claims: [], resources: { [invoices.resource]: ['read'] } },
      resources,
    );
    expect(groups).toEqual([
      {
        title: { key: 'scopes.of_account' },
        scopes: [
          { label: { key: 'scope.openid' }, detail: null },
          { label: { key: 'scope.profile' }, detail: { key: 'scope.profile.detail' } },
        ],
      },
      {
        title: { text: 'Invoices' },
        scopes: [{ label: { text: 'See your invoices' }, detail: { text: 'read' } }],
      },
    ]);
  });

  it('is called by its own name where nobody described it', async () => {
    const groups = await describeScopes(
      {
        openid: ['constructor'],
        claims: ['birthdate'],
        resources: { [invoices.resource]: ['write'], 'https://gone.example': ['x'] },
      },
      resources,
    );
    expect(groups).toEqual([
      {
        title: { key: 'scopes.of_account' },
        scopes: [
          { label: { text: 'constructor' }, detail: null },
          { label: { key: 'scope.claim', params: { claim: 'birthdate' } }, detail: null },
        ],
      },
      { title: { text: 'Invoices' }, scopes: [{ label: { text: 'write' }, detail: null }] },
      { title: { text: 'https://gone.example' }, scopes: [{ label: { text: 'x' }, detail: null }] },
    ]);
  });

  it('has no group without anything in it', async () => {
    const nothing = { openid: [], claims: [], resources: { [invoices.resource]: [] } };
    await expect(describeScopes(nothing, resources)).resolves.toEqual([]);
  });
});
