import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entries } from '../../../server/config/catalogue.ts';
import { loadConfig } from '../../../server/config/load.ts';
import { printConfiguration } from '../../../server/config/print.ts';
import { configurationError, reportFaults } from '../../../server/config/report.ts';
import { prefix } from '../../../server/config/setting.ts';
import { loaded, production, readFrom } from './environments.ts';

const bootstrap = {
  GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL: 'admin@example.org',
  GATEHOUSE_BOOTSTRAP_ADMIN_PASSWORD: 'admin-canary-5523',
  GATEHOUSE_BOOTSTRAP_CLIENT_ID: 'terraform',
  GATEHOUSE_BOOTSTRAP_CLIENT_SECRET: 'client-canary-5524-5524-5524-5524',
};

describe('printing the configuration', () => {
  const env: Record<string, string> = {
    ...production,
    ...bootstrap,
    GATEHOUSE_DATABASE_DIRECT_URL: 'postgres://gatehouse:pg-canary-5523@db.example.org/gatehouse',
    GATEHOUSE_AUDIT_WEBHOOK_URL: 'https://hooks.example.org/siem-canary-5527',
    GATEHOUSE_AUDIT_WEBHOOK_SECRET: 'webhook-canary-5528-5528-5528-5528',
    GATEHOUSE_REDIS_URL:
      'rediss+sentinel://u:redis-canary-5525@a/main?sentinel_password=sentinel-canary-5526',
  };
  const secrets = entries.filter(({ setting }) => setting.secret).map(({ setting }) => prefix + setting.env);

  it('shows no secret, in whichever form it was given', () => {
    for (const form of ['variable', 'file']) {
      const files =
        form === 'file' ? Object.fromEntries(secrets.map((name) => [`/run/${name}`, env[name] ?? ''])) : {};
      const given = Object.fromEntries(
        Object.entries(env).map(([name, value]) =>
          form === 'file' && secrets.includes(name) ? [`${name}_FILE`, `/run/${name}`] : [name, value],
        ),
      );
      const printed = JSON.stringify(printConfiguration(loaded(given, files)));
      for (const name of secrets) {
        expect(env[name]).toBeDefined();
        expect(printed).not.toContain(env[name]);
      }
      expect(printed).not.toContain('canary');
    }
  });

  it('tells every value as one would write it, and where it comes from', () => {
    const files = { '/run/name': 'Library\n' };
    const printed = printConfiguration(
      loaded(
        { GATEHOUSE_PORT: '4000', GATEHOUSE_TTL_ID_TOKEN: '5m', GATEHOUSE_SERVICE_NAME_FILE: '/run/name' },
        files,
      ),
    ).flatMap(({ settings }) => settings);
    expect(printed).toHaveLength(entries.length);
    expect(printed).toEqual(
      expect.arrayContaining([
        { name: 'GATEHOUSE_PORT', value: '4000', source: 'environment' },
        { name: 'GATEHOUSE_TTL_ID_TOKEN', value: '5m', source: 'environment' },
        { name: 'GATEHOUSE_SERVICE_NAME', value: 'Library', source: 'file /run/name' },
        { name: 'GATEHOUSE_ISSUER', value: 'http://localhost:4000', source: 'derived' },
        { name: 'GATEHOUSE_HASH_MEMORY', value: '19MiB', source: 'default' },
        { name: 'GATEHOUSE_DATABASE_URL', value: null, source: 'unset' },
      ]),
    );
  });
});

describe('the report of faults', () => {
  it('never contains a value, whatever variable it was put into', () => {
    const anyName = fc.constantFrom(...entries.map(({ setting }) => setting.env));
    // A canary is long and random, so that it cannot stand in a message by chance.
    const anyCanary = fc.stringMatching(/^[\x20-\x7e]{0,20}canary[0-9]{8}[\x20-\x7e]{0,20}$/);
    fc.assert(
      fc.property(anyName, anyCanary, fc.boolean(), (env, canary, inFile) => {
        const given = inFile ? { [`${prefix}${env}_FILE`]: '/run/value' } : { [prefix + env]: canary };
        const outcome = loadConfig(given, readFrom({ '/run/value': canary }));
        const text = outcome.kind === 'ok' ? '' : reportFaults(outcome.faults);
        // The path of a file that cannot be read is named on purpose.
        if (!env.endsWith('_FILE')) expect(text).not.toMatch(/canary\d{8}/);
      }),
    );
  });

  it('numbers its lines, one for each fault, whatever the names contain', () => {
    const outcome = loadConfig(
      { 'GATEHOUSE_A\n2. forged\u2028\u001b[31m': '1', GATEHOUSE_PORT: 'x' },
      readFrom({}),
    );
    const report = outcome.kind === 'ok' ? '' : reportFaults(outcome.faults);
    expect(report.split('\n')).toEqual([
      'The configuration has 2 faults; nothing was started.',
      expect.stringMatching(
        /^ {2}1\. GATEHOUSE_A\\u000a2\. forged\\u2028\\u001b\[31m is not a setting\. Did you mean /,
      ),
      expect.stringMatching(/^ {2}2\. GATEHOUSE_PORT must be a whole number from 1 to 65535\. /),
    ]);
  });

  it('ends the process with 78', () => {
    const outcome = loadConfig({ GATEHOUSE_PORT: 'x' }, readFrom({}));
    const error = configurationError(outcome.kind === 'ok' ? [] : outcome.faults);
    expect(error.exitCode).toBe(78);
    expect(error.message).toContain('GATEHOUSE_PORT');
  });
});
