import { z } from 'zod';
import { parseRedisUrl, type RedisAddress } from '../redis-url.ts';
import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

const redisUrl = z
  .string()
  .transform((text, context): RedisAddress => {
    const parsed = parseRedisUrl(text);
    if (parsed.kind === 'parsed') return parsed.address;
    context.addIssue({ code: 'custom', message: parsed.why });
    return z.NEVER;
  })
  .describe('Redis URL');

/** The Redis beside the database, which holds only what may be lost. docs/redis.md tells what that is. */
export const redis = section('Redis', {
  address: setting({
    env: 'REDIS_URL',
    schema: redisUrl,
    secret: true,
    doc: 'An optional Redis, 6 or later, for what may be lost (docs/redis.md). One server: `redis://`, or `rediss://` with TLS. Sentinels: `redis+sentinel://one,two/name-of-the-primary`, with `?db=`, `sentinel_username` and `sentinel_password` where needed. A cluster: `redis+cluster://one,two`. These two with TLS: `rediss+sentinel://`, `rediss+cluster://`. Its `maxmemory-policy` must be `noeviction`.',
    example: 'rediss://gatehouse:PASSWORD@redis.example.org',
  }),
  caFile: setting({
    env: 'REDIS_CA_FILE',
    schema: kind.path,
    doc: 'PEM file with the authorities whose certificates that Redis may have, instead of the well-known ones.',
    example: '/etc/gatehouse/redis-ca.crt',
  }),
  allowUnverified: setting({
    env: 'REDIS_ALLOW_UNVERIFIED',
    schema: kind.boolean,
    default: false,
    doc: 'Unsafe. Lets a production server speak to a Redis on another machine without TLS. For networks that encrypt and authenticate by themselves.',
  }),
});
