import { expect, it } from '@jest/globals';
import type { ClientSecret } from '../../../server/clients/client.ts';
import { expandScopes } from '../../../server/clients/resource-servers.ts';
import { hashSecret, matchesSecret } from '../../../server/clients/secret.ts';
import { someTime } from '../../contracts/builders.ts';

const later = new Date(someTime.getTime() + 1);

function aSecret(secret: string, expiresAt: Date | null = null): ClientSecret {
  return {
    id: secret,
    clientId: 'app',
    hash: hashSecret(secret),
    createdAt: someTime,
    expiresAt,
    lastUsedAt: null,
  };
}

it('knows every secret that is alive, wherever it stands', () => {
  const secrets = [aSecret('one'), aSecret('two', later), aSecret('three')];
  expect(['one', 'two', 'three'].map((secret) => matchesSecret(secret, secrets, someTime))).toEqual([
    true,
    true,
    true,
  ]);
});

it.each([
  ['another one', 'four'],
  ['an expired one', 'gone'],
  ['one that expires this very moment', 'now'],
  ['nothing', ''],
  ['the hash itself', hashSecret('one')],
  ['one with a space behind it', 'one '],
])('refuses %s', (_what, presented) => {
  const secrets = [aSecret('one'), aSecret('gone', new Date(0)), aSecret('now', someTime)];
  expect(matchesSecret(presented, secrets, someTime)).toBe(false);
});

it('refuses everything when there is no secret, or what is stored is broken', () => {
  expect(matchesSecret('', [], someTime)).toBe(false);
  expect(matchesSecret('', [{ ...aSecret('x'), hash: '' }], someTime)).toBe(false);
});

it('reads what it may write', () => {
  expect([...expandScopes(['users:write', 'keys:read', 'account:security'])]).toEqual([
    'users:write',
    'users:read',
    'keys:read',
    'account:security',
  ]);
});
