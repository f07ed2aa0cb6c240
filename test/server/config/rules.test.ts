import { describe, expect, it } from '@jest/globals';
import { faultsOf, loaded, production, without } from './environments.ts';

const names = (faults: string[]): string[] => faults.map((fault) => fault.split(' ')[0] ?? '');

describe('production', () => {
  it('starts with what it demands and nothing more', () => {
    const { mode, config } = loaded(production);
    expect(mode).toBe('production');
    expect(config.listen).toMatchObject({ host: '0.0.0.0', port: 3000 });
    expect(config.fetch.allow).toEqual([]);
  });

  it.each(Object.keys(production).filter((name) => name !== 'GATEHOUSE_TRUST_PROXY'))(
    'does not start without %s, and names it alone',
    (name) => {
      expect(names(faultsOf(without(production, name)))).toEqual([name]);
    },
  );

  it('does not start when nobody ends https', () => {
    expect(faultsOf(without(production, 'GATEHOUSE_TRUST_PROXY'))).toEqual([
      'GATEHOUSE_TLS_CERT_FILE is missing, and so is GATEHOUSE_TRUST_PROXY: nobody ends https',
    ]);
  });

  it('names everything that is missing when only the issuer is set', () => {
    expect(names(faultsOf({ GATEHOUSE_ISSUER: 'https://id.example.org' }))).toEqual([
      'GATEHOUSE_TLS_CERT_FILE',
      'GATEHOUSE_DATABASE_URL',
      'GATEHOUSE_ENCRYPTION_KEYS',
      'GATEHOUSE_COOKIE_KEYS',
      'GATEHOUSE_PASSWORD_KEYS',
      'GATEHOUSE_SMTP_URL',
      'GATEHOUSE_MAIL_FROM',
    ]);
  });

  it.each([
    ['a private address', 'http://192.168.1.5:3000'],
    ['a host name', 'http://id.example.org'],
    ['a name that only begins like a loopback one', 'http://localhost.example.org'],
    ['a number that only begins like a loopback one', 'http://127.0.0.1.example.org'],
  ])('is what %s means, and wants https', (_what, issuer) => {
    expect(faultsOf({ ...production, GATEHOUSE_ISSUER: issuer })).toEqual([
      'GATEHOUSE_ISSUER must begin with https:// unless it is a loopback address',
    ]);
  });

  it('listens on the port of the issuer when it ends https itself', () => {
    const tls = { GATEHOUSE_TLS_CERT_FILE: '/crt', GATEHOUSE_TLS_KEY_FILE: '/key' };
    const files = { '/crt': 'PEM', '/key': 'PEM' };
    const env = { ...without(production, 'GATEHOUSE_TRUST_PROXY'), ...tls };
    expect(loaded(env, files).config.listen.port).toBe(443);
    const withPort = { ...env, GATEHOUSE_ISSUER: 'https://id.example.org:8443/auth' };
    expect(loaded(withPort, files).config.listen.port).toBe(8443);
  });

  it('wants 32 characters of the secret of the first client', () => {
    const client = (secret: string) => ({
      ...production,
      GATEHOUSE_BOOTSTRAP_CLIENT_ID: 'terraform',
      GATEHOUSE_BOOTSTRAP_CLIENT_SECRET: secret,
    });
    expect(names(faultsOf(client('x'.repeat(31))))).toEqual(['GATEHOUSE_BOOTSTRAP_CLIENT_SECRET']);
    expect(faultsOf(client('x'.repeat(32)))).toEqual([]);
  });
});

describe('a production database on another machine', () => {
  const at = (name: string, url: string, more: Record<string, string> = {}) =>
    faultsOf({ ...production, [name]: url, ...more });

  it.each(['GATEHOUSE_DATABASE_URL', 'GATEHOUSE_DATABASE_DIRECT_URL'])(
    'is spoken to by verified TLS (%s)',
    (name) => {
      for (const mode of ['disable', 'no-verify'])
        expect(at(name, `postgres://u@db/x?sslmode=${mode}`)).toEqual([
          `${name} leads to another machine without verified TLS`,
        ]);
      for (const url of ['postgres://u@db/x', 'postgres://u@db/x?sslmode=verify-full'])
        expect(at(name, url)).toEqual([]);
    },
  );

  it('is not, when the operator has said so, or when it is this machine', () => {
    const unsafe = { GATEHOUSE_DATABASE_ALLOW_UNVERIFIED: 'true' };
    expect(at('GATEHOUSE_DATABASE_URL', 'postgres://u@db/x?sslmode=disable', unsafe)).toEqual([]);
    for (const url of ['postgres://u@127.0.0.1/x', 'postgres:///x?host=/run/postgresql'])
      expect(at('GATEHOUSE_DATABASE_URL', url)).toEqual([]);
  });

  it('is what a second way to it leads to', () => {
    expect(faultsOf({ GATEHOUSE_DATABASE_DIRECT_URL: 'postgres://localhost/x' })).toEqual([
      'GATEHOUSE_DATABASE_DIRECT_URL is set, but GATEHOUSE_DATABASE_URL is not',
    ]);
  });
});

describe('evaluation', () => {
  it('is what an empty environment means', () => {
    const { mode, config } = loaded({});
    expect(mode).toBe('evaluation');
    expect(config.site.issuer).toBe('http://localhost:3000');
    expect(config.listen).toMatchObject({ host: '127.0.0.1', port: 3000, managementHost: '127.0.0.1' });
    expect(config.mail.from).toBe('gatehouse@localhost');
    expect(config.fetch.allow).toEqual(['localhost', '127.0.0.0/8', '::1/128']);
  });

  it.each([
    ['http://localhost:4000', 4000, '127.0.0.1'],
    ['http://127.0.0.1:4000/auth', 4000, '127.0.0.1'],
    ['http://127.1.2.3', 80, '127.1.2.3'],
    ['http://[::1]:4000', 4000, '::1'],
  ])('is what the issuer %s means', (issuer, port, host) => {
    const { mode, config } = loaded({ GATEHOUSE_ISSUER: issuer });
    expect(mode).toBe('evaluation');
    expect(config.site.issuer).toBe(issuer);
    expect(config.listen).toMatchObject({ port, host });
  });

  it('puts the port into its issuer, but for port 80, which is never written', () => {
    expect(loaded({ GATEHOUSE_PORT: '4000' }).config.site.issuer).toBe('http://localhost:4000');
    expect(loaded({ GATEHOUSE_PORT: '80' }).config.site.issuer).toBe('http://localhost');
  });

  it.each(['GATEHOUSE_HOST', 'GATEHOUSE_MANAGEMENT_HOST'])('listens on loopback only: %s', (name) => {
    for (const open of ['0.0.0.0', '::', '192.168.1.5', 'example.org']) {
      expect(names(faultsOf({ [name]: open }))).toEqual([name]);
    }
    for (const closed of ['127.0.0.1', '::1', 'localhost']) expect(faultsOf({ [name]: closed })).toEqual([]);
  });

  it.each([
    ['GATEHOUSE_SMTP_URL', 'smtp://mail.example.org'],
    ['GATEHOUSE_TRUST_PROXY', '1'],
  ])('is not assumed when %s is set and the issuer is not', (name, value) => {
    expect(faultsOf({ [name]: value, GATEHOUSE_MAIL_FROM: 'a@example.org' })).toEqual([
      `GATEHOUSE_ISSUER is missing, although ${name} is set`,
    ]);
    const withIssuer = {
      [name]: value,
      GATEHOUSE_MAIL_FROM: 'a@example.org',
      GATEHOUSE_ISSUER: 'http://localhost:3000',
    };
    expect(loaded(withIssuer).mode).toBe('evaluation');
  });

  it('may use an external database and own secrets', () => {
    const { mode, config } = loaded({
      GATEHOUSE_DATABASE_URL: 'postgres:///gatehouse?host=/run/postgresql',
      GATEHOUSE_COOKIE_KEYS: production.GATEHOUSE_COOKIE_KEYS ?? '',
      GATEHOUSE_WORKERS: '2',
    });
    expect(mode).toBe('evaluation');
    expect(config.process.workers).toBe(2);
  });
});

describe('rules between settings', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'a certificate without its key',
      { GATEHOUSE_TLS_CERT_FILE: '/pem', GATEHOUSE_ISSUER: 'https://localhost' },
      'GATEHOUSE_TLS_KEY_FILE',
    ],
    [
      'a key without its certificate',
      { GATEHOUSE_TLS_KEY_FILE: '/pem', GATEHOUSE_ISSUER: 'https://localhost' },
      'GATEHOUSE_TLS_CERT_FILE',
    ],
    [
      'https on loopback that nobody ends',
      { GATEHOUSE_ISSUER: 'https://localhost:8443' },
      'GATEHOUSE_TLS_CERT_FILE',
    ],
    [
      'a certificate for http',
      {
        GATEHOUSE_TLS_CERT_FILE: '/pem',
        GATEHOUSE_TLS_KEY_FILE: '/pem',
        GATEHOUSE_ISSUER: 'http://localhost:3000',
      },
      'GATEHOUSE_TLS_CERT_FILE',
    ],
    [
      'an administrator without a password',
      { GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL: 'a@example.org' },
      'GATEHOUSE_BOOTSTRAP_ADMIN_PASSWORD',
    ],
    [
      'a password without an administrator',
      { GATEHOUSE_BOOTSTRAP_ADMIN_PASSWORD: 'long enough' },
      'GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL',
    ],
    [
      'a client without a secret',
      { GATEHOUSE_BOOTSTRAP_CLIENT_ID: 'a' },
      'GATEHOUSE_BOOTSTRAP_CLIENT_SECRET',
    ],
    [
      'a secret without a client',
      { GATEHOUSE_BOOTSTRAP_CLIENT_SECRET: 'a' },
      'GATEHOUSE_BOOTSTRAP_CLIENT_ID',
    ],
    [
      'mail without a sender',
      { GATEHOUSE_SMTP_URL: 'smtp://localhost', GATEHOUSE_ISSUER: 'http://localhost:3000' },
      'GATEHOUSE_MAIL_FROM',
    ],
    ['workers on the embedded database', { GATEHOUSE_WORKERS: '2' }, 'GATEHOUSE_WORKERS'],
    ['one port for everything', { GATEHOUSE_PORT: '9464' }, 'GATEHOUSE_PORT'],
    [
      'one port for everything, the other way',
      { GATEHOUSE_MANAGEMENT_PORT: '3000' },
      'GATEHOUSE_MANAGEMENT_PORT',
    ],
    [
      'a session that idles longer than it lives',
      { GATEHOUSE_TTL_SESSION_IDLE: '25h' },
      'GATEHOUSE_TTL_SESSION_IDLE',
    ],
    [
      'a session that lives shorter than it idles',
      { GATEHOUSE_TTL_SESSION_ABSOLUTE: '59m' },
      'GATEHOUSE_TTL_SESSION_ABSOLUTE',
    ],
    [
      'refresh tokens that idle longer than they live',
      { GATEHOUSE_TTL_REFRESH_TOKEN_IDLE: '181d' },
      'GATEHOUSE_TTL_REFRESH_TOKEN_IDLE',
    ],
    [
      'refresh tokens that live shorter than they idle',
      { GATEHOUSE_TTL_REFRESH_TOKEN_ABSOLUTE: '29d' },
      'GATEHOUSE_TTL_REFRESH_TOKEN_ABSOLUTE',
    ],
  ])('refuse %s', (_what, env, name) => {
    expect(names(faultsOf(env, { '/pem': 'PEM' }))).toEqual([name]);
  });
});
