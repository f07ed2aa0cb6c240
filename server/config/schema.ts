import { audit } from './audit.ts';
import { botCheck } from './bot-check.ts';
import { clientErrors } from './client-errors.ts';
import { database } from './database.ts';
import { issuerUrl } from './issuer.ts';
import * as kind from './kinds.ts';
import { hashing, imports, lifetimes, lockout } from './limits.ts';
import { mail } from './mail.ts';
import { passwords } from './passwords.ts';
import { redis } from './redis.ts';
import { selfService } from './self-service.ts';
import { section, setting, type ValuesOf } from './setting.ts';
import { signUp } from './sign-up.ts';
import { support } from './support.ts';
import { terms } from './terms.ts';

/**
 * Every setting once. From here come the type `Config`, the loader, `gatehouse config print`, the manual and the example
 * environment. What holds between several settings is in rules.ts.
 */
export const schema = {
  site: section('What this server is', {
    issuer: setting({
      env: 'ISSUER',
      schema: issuerUrl,
      derived: '`http://localhost:<PORT>`',
      example: 'https://id.example.org',
      doc: 'The URL under which people and clients reach this server, without a slash at its end; a path is allowed. It stands in every token, so it can hardly be changed later. Anything but a loopback address makes this a production server.',
    }),
    serviceName: setting({
      env: 'SERVICE_NAME',
      schema: kind.text(60),
      default: 'Gatehouse',
      doc: 'The name that people see on pages and in mail.',
    }),
  }),

  sessions: section('Sessions', {
    geoDatabaseFile: setting({
      env: 'GEO_DATABASE_FILE',
      schema: kind.path,
      doc: 'A database of places in the format of MaxMind (`.mmdb`). With it people see from which town or country each of their sessions is used. Read once, at the start; nobody outside is asked.',
      example: '/var/lib/geo/city.mmdb',
    }),
  }),

  listen: section('Where it listens', {
    host: setting({
      env: 'HOST',
      schema: kind.text(253, 'address or host name'),
      derived: 'a loopback address in evaluation mode, all IPv4 interfaces (`0.0.0.0`) in production',
      doc: 'The address to listen on. In evaluation mode only loopback addresses are accepted.',
      example: '127.0.0.1',
    }),
    port: setting({
      env: 'PORT',
      schema: kind.port,
      derived: "the issuer's port; `3000` without an issuer and behind a trusted proxy in production",
      doc: 'The public port.',
      example: '3000',
    }),
    managementHost: setting({
      env: 'MANAGEMENT_HOST',
      schema: kind.text(253, 'address or host name'),
      default: '127.0.0.1',
      doc: 'The address of the management port. Containers need `0.0.0.0` here, for probes and metrics come from outside; keep the port off the internet.',
    }),
    managementPort: setting({
      env: 'MANAGEMENT_PORT',
      schema: kind.port,
      default: 9464,
      doc: 'The port of `/healthz`, `/readyz` and `/metrics`.',
    }),
    tlsCertFile: setting({
      env: 'TLS_CERT_FILE',
      schema: kind.path,
      doc: 'PEM file with the certificate chain, for a server that speaks https itself.',
      example: '/etc/gatehouse/tls.crt',
    }),
    tlsKeyFile: setting({
      env: 'TLS_KEY_FILE',
      schema: kind.path,
      doc: 'PEM file with the private key of that certificate.',
      example: '/etc/gatehouse/tls.key',
    }),
    trustProxy: setting({
      env: 'TRUST_PROXY',
      schema: kind.trustedProxies,
      doc: 'Whose `X-Forwarded-*` headers are believed: the number of proxies in front of this server, or the networks that they are in. With a number, the port must be out of reach of everybody else.',
      example: '1',
    }),
  }),

  process: section('Process', {
    workers: setting({
      env: 'WORKERS',
      schema: kind.wholeNumber(1, 64),
      default: 1,
      doc: 'Server processes that share the port. More than one needs `GATEHOUSE_DATABASE_URL`.',
    }),
    janitorInterval: setting({
      env: 'JANITOR_INTERVAL',
      schema: kind.durationBetween('1s', '1d'),
      default: '5s',
      doc: 'How often what has expired is removed from the database, by one process for all. Requests never see it, removed or not.',
    }),
    drainTimeout: setting({
      env: 'DRAIN_TIMEOUT',
      schema: kind.durationBetween('1s', '5m'),
      default: '8s',
      doc: 'How long running requests may take to end after SIGTERM.',
    }),
  }),

  database,
  redis,

  secrets: section('Secrets', {
    encryptionKeys: setting({
      env: 'ENCRYPTION_KEYS',
      schema: kind.keyList,
      secret: true,
      doc: 'Keys that encrypt signing keys and other secrets in the database: the first encrypts, all decrypt. To replace one, put the new key in front and keep the old one. If all are lost, so is what they protect.',
    }),
    cookieKeys: setting({
      env: 'COOKIE_KEYS',
      schema: kind.keyList,
      secret: true,
      doc: 'Keys that sign cookies and forms: the first signs, all verify.',
    }),
    passwordKeys: setting({
      env: 'PASSWORD_KEYS',
      schema: kind.keyList,
      secret: true,
      doc: 'Keys of the step before password hashing: the first is used, all verify. A password made with a key that is gone can no longer be checked.',
    }),
  }),

  mail,

  bootstrap: section('First administrator and first client', {
    adminEmail: setting({
      env: 'BOOTSTRAP_ADMIN_EMAIL',
      schema: kind.emailAddress,
      doc: 'At start, while there is no administrator, one is made with this address. Without it a one-time link is printed.',
      example: 'admin@example.org',
    }),
    adminPassword: setting({
      env: 'BOOTSTRAP_ADMIN_PASSWORD',
      schema: kind.operatorPassword,
      secret: true,
      doc: 'The password of that administrator. Change it after the first sign-in and remove the variable.',
    }),
    clientId: setting({
      env: 'BOOTSTRAP_CLIENT_ID',
      schema: kind.clientId,
      doc: 'At start, if it is absent, a service client with this id and every scope of the admin API is made.',
      example: 'terraform',
    }),
    clientSecret: setting({
      env: 'BOOTSTRAP_CLIENT_SECRET',
      schema: kind.visible(1, 512, 'text'),
      secret: true,
      doc: 'The secret of that client; in production at least 32 characters.',
    }),
  }),

  passwords,
  signUp,
  botCheck,
  terms,
  hashing,
  lockout,
  imports,
  selfService,
  support,
  lifetimes,

  audit,
  clientErrors,

  fetch: section('Fetching from others', {
    allow: setting({
      env: 'FETCH_ALLOW',
      schema: kind.hostsAndNetworks,
      derived: 'loopback in evaluation mode, nothing in production',
      doc: 'Hosts and networks that this server may fetch from or deliver to although they are private. Public addresses need no entry. In evaluation mode loopback is always on the list.',
      example: 'hooks.internal,10.20.0.0/16',
    }),
  }),

  log: section('Log', {
    level: setting({
      env: 'LOG_LEVEL',
      runtime: true,
      schema: kind.oneOf('debug', 'info', 'warn', 'error'),
      default: 'info',
      doc: 'The least important level that is written.',
    }),
    format: setting({
      env: 'LOG_FORMAT',
      schema: kind.oneOf('auto', 'json', 'text'),
      default: 'auto',
      doc: 'One JSON object per line, or lines for people. `auto` writes for people on a terminal and JSON elsewhere.',
    }),
  }),
};

/** What the whole program is configured with, checked and complete. Durations are seconds, sizes bytes. */
export type Config = ValuesOf<typeof schema>;
