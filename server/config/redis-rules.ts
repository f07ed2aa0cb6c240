import { staysOnMachine } from '../redis-url.ts';
import { variable } from './catalogue.ts';
import type { Rule } from './rules.ts';

/** What holds for the Redis URL beside what it must be by itself. */
export const redisRules: readonly Rule[] = [
  {
    // ASVS 12.3.2: what passes between servers is encrypted, and both know who is at the other end.
    sentence: `In production \`${variable('REDIS_URL')}\` to another machine begins with \`rediss\`, or \`${variable('REDIS_ALLOW_UNVERIFIED')}\` is \`true\`.`,
    check: ({ mode, values: { redis } }) => {
      const { address, allowUnverified } = redis;
      if (mode !== 'production' || address === undefined) return [];
      if (address.tls || staysOnMachine(address) || allowUnverified === true) return [];
      return [
        {
          name: variable('REDIS_URL'),
          message: 'leads to another machine without TLS',
          remedy: `Let it begin with rediss:// (or rediss+sentinel://, rediss+cluster://); where the network itself encrypts, set ${variable('REDIS_ALLOW_UNVERIFIED')}=true.`,
        },
      ];
    },
  },
  {
    sentence: `\`${variable('REDIS_CA_FILE')}\` goes with a \`${variable('REDIS_URL')}\` that begins with \`rediss\`.`,
    check: ({ given, values: { redis } }) =>
      given('REDIS_CA_FILE') && !(given('REDIS_URL') && redis.address?.tls !== false)
        ? [
            {
              name: variable('REDIS_CA_FILE'),
              message: `is set, but ${variable('REDIS_URL')} does not begin with rediss`,
              remedy: 'Let the URL begin with rediss, or unset the file.',
            },
          ]
        : [],
  },
];
