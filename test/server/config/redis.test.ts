import { describe, expect, it } from '@jest/globals';
import { faultsOf, loaded, production } from './environments.ts';

const withRedis = (url: string, more: Record<string, string> = {}) => ({
  ...production,
  GATEHOUSE_REDIS_URL: url,
  ...more,
});

describe('the settings of Redis', () => {
  it('are optional', () => {
    expect(loaded(production).config.redis.address).toBeUndefined();
  });

  it('give the address in its parts', () => {
    expect(loaded(withRedis('rediss+cluster://:p%40@a,b')).config.redis.address).toMatchObject({
      where: { kind: 'cluster', hosts: [{ host: 'a' }, { host: 'b' }] },
      tls: true,
      password: 'p@',
    });
  });

  it('are refused where the URL is not one, without repeating it', () => {
    expect(faultsOf(withRedis('redis://u:canary@a,b'))).toEqual([
      'GATEHOUSE_REDIS_URL names several hosts: several are for redis+sentinel:// and redis+cluster://',
    ]);
  });

  it.each(['redis://redis.example.org', 'redis+sentinel://127.0.0.1,10.0.0.1/main', 'redis+cluster://a,b'])(
    'want TLS in production for %s, or a word that the network does it',
    (url) => {
      expect(faultsOf(withRedis(url))).toEqual(['GATEHOUSE_REDIS_URL leads to another machine without TLS']);
      expect(faultsOf(withRedis(url, { GATEHOUSE_REDIS_ALLOW_UNVERIFIED: 'true' }))).toEqual([]);
      expect(faultsOf(withRedis(url.replace('redis', 'rediss')))).toEqual([]);
      expect(faultsOf({ GATEHOUSE_REDIS_URL: url })).toEqual([]);
    },
  );

  it('want no TLS for this machine', () => {
    expect(faultsOf(withRedis('redis://:secret@127.0.0.1:7000'))).toEqual([]);
  });

  it('refuse authorities that nobody would be asked for', () => {
    const caFile = { GATEHOUSE_REDIS_CA_FILE: '/etc/ca.crt' };
    const complaint = 'GATEHOUSE_REDIS_CA_FILE is set, but GATEHOUSE_REDIS_URL does not begin with rediss';
    const files = { '/etc/ca.crt': 'PEM' };
    expect(faultsOf({ ...production, ...caFile }, files)).toEqual([complaint]);
    expect(faultsOf(withRedis('redis://localhost', caFile), files)).toEqual([complaint]);
    expect(faultsOf(withRedis('rediss://localhost', caFile), files)).toEqual([]);
    // A URL that was not understood is complained of by itself.
    expect(faultsOf(withRedis('redis://', caFile), files)).toHaveLength(1);
  });
});
