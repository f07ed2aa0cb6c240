import { parseDatabaseUrl, staysOnMachine } from '../database-url.ts';
import { type EnvName, variable } from './catalogue.ts';
import type { Facts, Rule } from './rules.ts';

/** What holds for the URLs of the database beside what each must be by itself. */
export const databaseRules: readonly Rule[] = [
  verified('DATABASE_URL', ({ values }) => values.database.url),
  verified('DATABASE_DIRECT_URL', ({ values }) => values.database.directUrl),
  {
    sentence: '`GATEHOUSE_DATABASE_DIRECT_URL` goes with `GATEHOUSE_DATABASE_URL` only.',
    check: ({ given }) =>
      given('DATABASE_DIRECT_URL') && !given('DATABASE_URL')
        ? [
            {
              name: variable('DATABASE_DIRECT_URL'),
              message: `is set, but ${variable('DATABASE_URL')} is not`,
              remedy: 'Name the database by the latter; the former is a second way to it.',
            },
          ]
        : [],
  },
];

/** ASVS 12.3.2: what passes between servers is encrypted, and both know who is at the other end. */
function verified(env: EnvName, read: (facts: Facts) => string | undefined): Rule {
  return {
    sentence: `In production \`${variable(env)}\` to another machine has verified TLS, or \`${variable('DATABASE_ALLOW_UNVERIFIED')}\` is \`true\`.`,
    check: (facts) => {
      const url = read(facts);
      const parsed = url === undefined ? undefined : parseDatabaseUrl(url);
      if (facts.mode !== 'production' || parsed?.kind !== 'parsed') return [];
      const { address } = parsed;
      const isSafe = address.tls === 'verified' || staysOnMachine(address);
      if (isSafe || facts.values.database.allowUnverified === true) return [];
      return [
        {
          name: variable(env),
          message: 'leads to another machine without verified TLS',
          remedy: `Let it end with ?sslmode=verify-full; where the network itself encrypts, set ${variable('DATABASE_ALLOW_UNVERIFIED')}=true.`,
        },
      ];
    },
  };
}
