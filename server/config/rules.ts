import { auditRules } from './audit-rules.ts';
import { type EnvName, variable } from './catalogue.ts';
import { databaseRules } from './database-rules.ts';
import type { Fault } from './fault.ts';
import { isLoopbackHost, type Mode } from './issuer.ts';
import { mailRules } from './mail-rules.ts';
import { redisRules } from './redis-rules.ts';
import type { Config } from './schema.ts';
import { signUpRules } from './sign-up-rules.ts';

/** Values found so far; undefined stands for "not set" as well as for "set, but not understood". */
export type Draft = {
  -readonly [S in keyof Config]: { -readonly [K in keyof Config[S]]: Config[S][K] | undefined };
};

/** What a rule looks at. */
export interface Facts {
  mode: Mode;
  /** Whether the variable is set in either form, understood or not. */
  given: (env: EnvName) => boolean;
  /** With defaults and derived values filled in. */
  values: Draft;
}

export interface Rule {
  /** For the manual. */
  sentence: string;
  check(facts: Facts): Fault[];
}

/** Everything that holds between settings, or in one mode only. */
export const rules: readonly Rule[] = [
  requiredInProduction('DATABASE_URL', 'Name an external PostgreSQL; the embedded one is for evaluation.'),
  requiredInProduction('SMTP_URL', 'Name the mail server; the mailbox page is for evaluation.'),
  requiredInProduction('MAIL_FROM', 'Give the sender of all mail, such as "Example <no-reply@example.org>".'),
  requiredInProduction('ENCRYPTION_KEYS', howToMakeSecrets()),
  requiredInProduction('COOKIE_KEYS', howToMakeSecrets()),
  requiredInProduction('PASSWORD_KEYS', howToMakeSecrets()),
  {
    sentence: 'In production the issuer begins with `https://`.',
    check: ({ mode, values }) =>
      mode === 'production' && values.site.issuer?.startsWith('http:')
        ? [
            fault(
              'ISSUER',
              'must begin with https:// unless it is a loopback address',
              'Use https, or http://localhost to evaluate.',
            ),
          ]
        : [],
  },
  {
    sentence:
      'An `https://` issuer needs `GATEHOUSE_TLS_CERT_FILE` and `GATEHOUSE_TLS_KEY_FILE`, or `GATEHOUSE_TRUST_PROXY`.',
    check: ({ mode, given, values }) =>
      (mode === 'production' || values.site.issuer?.startsWith('https:')) &&
      !given('TLS_CERT_FILE') &&
      !given('TLS_KEY_FILE') &&
      !given('TRUST_PROXY')
        ? [
            fault(
              'TLS_CERT_FILE',
              'is missing, and so is GATEHOUSE_TRUST_PROXY: nobody ends https',
              'Give the certificate and its key, or say which proxy in front of this server does.',
            ),
          ]
        : [],
  },
  together('TLS_CERT_FILE', 'TLS_KEY_FILE'),
  ...signUpRules,
  {
    sentence: '`GATEHOUSE_LOCKOUT_HARD_AFTER` is more than `GATEHOUSE_LOCKOUT_SOFT_AFTER`.',
    check: ({ values: { lockout } }) =>
      lockout.hardAfter !== undefined &&
      lockout.softAfter !== undefined &&
      lockout.hardAfter <= lockout.softAfter
        ? [
            fault(
              'LOCKOUT_HARD_AFTER',
              'must be more than GATEHOUSE_LOCKOUT_SOFT_AFTER',
              'Leave room for delays before the password is closed: 5 and 100 are the defaults.',
            ),
          ]
        : [],
  },
  {
    sentence: 'A certificate goes with an `https://` issuer only.',
    check: ({ given, values }) =>
      given('ISSUER') && given('TLS_CERT_FILE') && values.site.issuer?.startsWith('http:')
        ? [
            fault(
              'TLS_CERT_FILE',
              'is set, but the issuer begins with http://',
              'Let GATEHOUSE_ISSUER begin with https://, or unset the certificate.',
            ),
          ]
        : [],
  },
  {
    sentence:
      'Without `GATEHOUSE_ISSUER` none of `GATEHOUSE_TLS_CERT_FILE`, `GATEHOUSE_TRUST_PROXY` and `GATEHOUSE_SMTP_URL` may be set: they look like a production server whose issuer was forgotten. For evaluation with them, set a loopback issuer.',
    check: ({ given }) => {
      const signs = (['TLS_CERT_FILE', 'TRUST_PROXY', 'SMTP_URL'] as const).filter(given).map(variable);
      return given('ISSUER') || signs.length === 0
        ? []
        : [
            fault(
              'ISSUER',
              `is missing, although ${signs.join(' and ')} ${signs.length === 1 ? 'is' : 'are'} set`,
              'Set it to the https:// URL of this server, or to http://localhost:3000 to evaluate.',
            ),
          ];
    },
  },
  loopbackInEvaluation('HOST', ({ listen }) => listen.host),
  loopbackInEvaluation('MANAGEMENT_HOST', ({ listen }) => listen.managementHost),
  {
    sentence: '`GATEHOUSE_PORT` and `GATEHOUSE_MANAGEMENT_PORT` differ.',
    check: ({ given, values: { listen } }) =>
      listen.port !== undefined && listen.port === listen.managementPort
        ? [
            fault(
              given('MANAGEMENT_PORT') ? 'MANAGEMENT_PORT' : 'PORT',
              'makes the public port and the management port the same',
              'Choose another port for one of them.',
            ),
          ]
        : [],
  },
  {
    sentence: 'More than one worker needs `GATEHOUSE_DATABASE_URL`.',
    check: ({ given, values }) =>
      (values.process.workers ?? 1) > 1 && !given('DATABASE_URL')
        ? [
            fault(
              'WORKERS',
              'must be 1 with the embedded database',
              'Set GATEHOUSE_DATABASE_URL, or unset it.',
            ),
          ]
        : [],
  },
  ...mailRules,
  ...databaseRules,
  ...redisRules,
  ...auditRules,
  together('AUDIT_SYSLOG_CERT_FILE', 'AUDIT_SYSLOG_KEY_FILE'),
  together('AUDIT_WEBHOOK_URL', 'AUDIT_WEBHOOK_SECRET'),
  together('BOOTSTRAP_ADMIN_EMAIL', 'BOOTSTRAP_ADMIN_PASSWORD'),
  together('BOOTSTRAP_CLIENT_ID', 'BOOTSTRAP_CLIENT_SECRET'),
  {
    sentence: 'In production `GATEHOUSE_BOOTSTRAP_CLIENT_SECRET` has at least 32 characters.',
    check: ({ mode, values: { bootstrap } }) =>
      mode === 'production' && (bootstrap.clientSecret?.length ?? 32) < 32
        ? [
            fault(
              'BOOTSTRAP_CLIENT_SECRET',
              'must have at least 32 characters in production',
              howToMakeSecrets(),
            ),
          ]
        : [],
  },
  notLonger('TTL_SESSION_IDLE', 'TTL_SESSION_ABSOLUTE', ({ lifetimes }) => [
    lifetimes.sessionIdle,
    lifetimes.sessionAbsolute,
  ]),
  notLonger('TTL_REFRESH_TOKEN_IDLE', 'TTL_REFRESH_TOKEN_ABSOLUTE', ({ lifetimes }) => [
    lifetimes.refreshTokenIdle,
    lifetimes.refreshTokenAbsolute,
  ]),
];

function fault(env: EnvName, message: string, remedy: string): Fault {
  return { name: variable(env), message, remedy };
}

function howToMakeSecrets(): string {
  return 'Make one with: npx gatehouse secrets generate';
}

function requiredInProduction(env: EnvName, remedy: string): Rule {
  return {
    sentence: `\`${variable(env)}\` is required in production.`,
    check: ({ mode, given }) =>
      mode === 'production' && !given(env) ? [fault(env, 'is required in production', remedy)] : [],
  };
}

function together(one: EnvName, other: EnvName): Rule {
  return {
    sentence: `\`${variable(one)}\` and \`${variable(other)}\` are set together or not at all.`,
    check: ({ given }) => {
      if (given(one) === given(other)) return [];
      const [absent, present] = given(one) ? [other, one] : [one, other];
      return [
        fault(absent, `is missing, although ${variable(present)} is set`, 'Set both of them, or neither.'),
      ];
    },
  };
}

function loopbackInEvaluation(env: EnvName, read: (values: Draft) => string | undefined): Rule {
  return {
    sentence: `In evaluation mode \`${variable(env)}\` is a loopback address.`,
    check: ({ mode, values }) => {
      const host = read(values);
      if (mode === 'production' || host === undefined || isLoopbackHost(host)) return [];
      return [
        fault(
          env,
          'must be a loopback address in evaluation mode',
          'Unset it, or set GATEHOUSE_ISSUER to the https:// URL of this server.',
        ),
      ];
    },
  };
}

function notLonger(
  idle: EnvName,
  absolute: EnvName,
  read: (values: Draft) => [number | undefined, number | undefined],
): Rule {
  return {
    sentence: `\`${variable(idle)}\` is not longer than \`${variable(absolute)}\`.`,
    check: ({ given, values }) => {
      const [short, long] = read(values);
      if (short === undefined || long === undefined || short <= long) return [];
      return given(idle)
        ? [fault(idle, `must not be longer than ${variable(absolute)}`, 'Shorten it, or lengthen that one.')]
        : [
            fault(
              absolute,
              `must not be shorter than ${variable(idle)}`,
              'Lengthen it, or shorten that one.',
            ),
          ];
    },
  };
}
