import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl, type RedisAddress, showRedis, staysOnMachine } from '../../server/redis-url.ts';

const parsed = (url: string): RedisAddress => {
  const outcome = parseRedisUrl(url);
  if (outcome.kind === 'refused') throw new Error(outcome.why);
  return outcome.address;
};
const open = { tls: false, username: undefined, password: undefined, database: 0 };
const at = (host: string, port: number) => ({ host, port });

describe('the URL of Redis', () => {
  const forms: [url: string, address: RedisAddress][] = [
    ['redis://localhost', { ...open, where: { kind: 'server', hosts: [at('localhost', 6379)] } }],
    ['redis://[::1]:7000/', { ...open, where: { kind: 'server', hosts: [at('::1', 7000)] } }],
    [
      'rediss://user:p%40ss%2F%3A:word@redis.example.org:6380/3',
      {
        where: { kind: 'server', hosts: [at('redis.example.org', 6380)] },
        tls: true,
        username: 'user',
        password: 'p@ss/::word',
        database: 3,
      },
    ],
    [
      'redis://:secret@localhost',
      { ...open, password: 'secret', where: { kind: 'server', hosts: [at('localhost', 6379)] } },
    ],
    [
      'redis+sentinel://a,b:5000/mymaster',
      {
        ...open,
        where: {
          kind: 'sentinel',
          hosts: [at('a', 26_379), at('b', 5000)],
          service: 'mymaster',
          username: undefined,
          password: undefined,
        },
      },
    ],
    [
      'rediss+sentinel://u:p@a/my%20master?db=2&sentinel_username=su&sentinel_password=s%26p',
      {
        where: {
          kind: 'sentinel',
          hosts: [at('a', 26_379)],
          service: 'my master',
          username: 'su',
          password: 's&p',
        },
        tls: true,
        username: 'u',
        password: 'p',
        database: 2,
      },
    ],
    [
      'redis+cluster://a,b:7001,[fd00::1]:7002',
      {
        ...open,
        where: { kind: 'cluster', hosts: [at('a', 6379), at('b', 7001), at('fd00::1', 7002)] },
      },
    ],
  ];
  it.each(forms)('is read: %s', (url, address) => {
    expect(parsed(url)).toEqual(address);
  });

  it.each([
    ['canary', 'must be a URL that begins with'],
    ['http://canary', 'must be a URL that begins with'],
    ['redis://', 'must be a URL that begins with'],
    ['redis+ring://canary', 'must be a URL that begins with'],
    ['redis://u:canary@a,b', 'names several hosts'],
    ['redis://u:canary@a:0', 'has a host or port that is not one'],
    ['redis://u:canary@a:65536', 'has a host or port that is not one'],
    ['redis://a b', 'has a host or port that is not one'],
    ['redis://u:can%ary@a', 'has a % that does not begin'],
    ['redis://a/canary', 'names a database that is not a number'],
    ['redis://a?password=canary', 'has parameters, and this form knows none'],
    ['redis+sentinel://u:canary@a,b', 'must end with the name of what the sentinels watch'],
    [
      'redis+sentinel://a/name?password=canary',
      'has other parameters than db, sentinel_username, sentinel_password',
    ],
    ['redis+sentinel://a/name?db=canary', 'names a database that is not a number'],
    ['redis+cluster://u:canary@a,b/1', 'names a database: a cluster has only one'],
    ['redis+cluster://a,,b', 'has a host or port that is not one'],
  ])('is refused, and nothing of it repeated: %s', (url, why) => {
    const outcome = parseRedisUrl(url);
    expect(outcome).toEqual({ kind: 'refused', why: expect.stringContaining(why) });
    expect(JSON.stringify(outcome)).not.toMatch(/canary|can%ary/);
  });

  it('is shown by its hosts only', () => {
    expect(showRedis(parsed('rediss+cluster://u:canary@a,[fd00::1]:7002'))).toBe('a:6379,[fd00::1]:7002');
  });

  it('stays on this machine only when all of its hosts do', () => {
    expect(staysOnMachine(parsed('redis+cluster://127.0.0.1,localhost:7000,[::1]'))).toBe(true);
    expect(staysOnMachine(parsed('redis+cluster://127.0.0.1,redis.example.org'))).toBe(false);
  });
});
