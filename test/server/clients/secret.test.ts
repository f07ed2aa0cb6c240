import { expect, it } from '@jest/globals';
import type { ClientSecret } from '../../../server/clients/client.ts';
import { expandScopes } from '../../../server/clients/resource-servers.ts';
import { hashSecret, judgeSecret } from '../../../server/clients/secret.ts';
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
    description: null,
  };
}

it('knows every secret that is alive, wherever it stands, and which one it is', () => {
  const secrets = [aSecret('one'), aSecret('two', later), aSecret('three')];
  expect(['one', 'two', 'three'].map((secret) => judgeSecret(secret, secrets, someTime))).toEqual(
    ['one', 'two', 'three'].map((secretId) => ({ kind: 'matches', secretId })),
  );
});

it.each([
  ['another one', 'four'],
  ['nothing', ''],
  ['the hash itself', hashSecret('one')],
  ['one with a space behind it', 'one '],
])('refuses %s', (_what, presented) => {
  expect(judgeSecret(presented, [aSecret('one')], someTime)).toEqual({ kind: 'unknown' });
});

it('refuses one that has expired, this very moment too, and tells which one and when', () => {
  const secrets = [aSecret('one'), aSecret('gone', new Date(0)), aSecret('now', someTime)];
  expect(judgeSecret('gone', secrets, someTime)).toEqual({
    kind: 'expired',
    secretId: 'gone',
    expiredAt: new Date(0),
  });
  expect(judgeSecret('now', secrets, someTime)).toMatchObject({ kind: 'expired', secretId: 'now' });
});

it('lets a live secret count although the same one has expired under another id', () => {
  const twice = [aSecret('one', new Date(0)), { ...aSecret('one'), id: 'again' }];
  for (const secrets of [twice, twice.toReversed()])
    expect(judgeSecret('one', secrets, someTime)).toEqual({ kind: 'matches', secretId: 'again' });
});

it('refuses everything when there is no secret, or what is stored is broken', () => {
  expect(judgeSecret('', [], someTime)).toEqual({ kind: 'unknown' });
  expect(judgeSecret('', [{ ...aSecret('x'), hash: '' }], someTime)).toEqual({ kind: 'unknown' });
});

it('reads what it may write', () => {
  expect([...expandScopes(['users:write', 'keys:read', 'account:security'])]).toEqual([
    'users:write',
    'users:read',
    'keys:read',
    'account:security',
  ]);
});
