import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Authority, makeAuthority } from '../../support/certificates.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { type Listener, makeListener } from './listener.ts';

const password = 'p@ss/w:rd%7 canary-6612';

/** Everything that was said about it, in as much detail as there is. */
const allOf = ({ logged }: Listener, more: unknown): string => inspect([logged, more], { depth: 12 });

describe('Redis with TLS and a password', () => {
  let authority: Authority;
  let redis: TestRedis;
  beforeAll(async () => {
    authority = await makeAuthority();
    const tls = { ca: authority.ca, ...authority.issue(['127.0.0.1', 'redis.example.org']) };
    redis = await startRedis({ password, tls });
  });
  afterAll(() => redis.stop());

  const tryIt = async (url: string, caFile?: string) => {
    const listener = makeListener(url, caFile);
    const first = await listener.start();
    await listener.close();
    return { first, said: allOf(listener, first) };
  };

  it('is spoken to under the name in its certificate', async () => {
    const { first, said } = await tryIt(redis.url, authority.ca);
    expect(first).toEqual({ kind: 'up' });
    expect(said).not.toContain('canary-6612');
  });

  it('is not spoken to when its authority is not trusted', async () => {
    const { first } = await tryIt(redis.url);
    expect(first).toMatchObject({
      kind: 'away',
      why: { code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) },
    });
  });

  it('is not spoken to under another name', async () => {
    const { first } = await tryIt(redis.url.replace('127.0.0.1', 'localhost'), authority.ca);
    expect(first).toMatchObject({ kind: 'away', why: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });

  it('is not spoken to without TLS', async () => {
    const { first } = await tryIt(redis.url.replace('rediss', 'redis'));
    expect(first).toMatchObject({ kind: 'away' });
  });

  it('tells of a wrong password without repeating it, or the right one', async () => {
    const wrong = redis.url.replace('canary-6612', 'canary-6613');
    const { first, said } = await tryIt(wrong, authority.ca);
    expect(first).toMatchObject({ kind: 'away', why: { message: expect.stringMatching(/WRONGPASS/) } });
    expect(said).not.toMatch(/canary|p%40ss|p@ss/);
  });

  it('tells that a file with authorities is not there', async () => {
    const { first } = await tryIt(redis.url, '/nowhere/ca.crt');
    expect(first).toMatchObject({
      kind: 'away',
      why: { message: expect.stringContaining('/nowhere/ca.crt') },
    });
  });
});
