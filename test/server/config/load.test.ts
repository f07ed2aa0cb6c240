import { describe, expect, it } from '@jest/globals';
import { faultsOf, faultsWithRemedies, loaded, production } from './environments.ts';

describe('the text of a setting', () => {
  it('comes from its variable', () => {
    expect(loaded({ GATEHOUSE_SERVICE_NAME: 'Bücherei' }).config.site.serviceName).toBe('Bücherei');
  });

  it.each([
    ['one line feed', 'Library\n'],
    ['one line end of Windows', 'Library\r\n'],
    ['no line end', 'Library'],
  ])('comes from the file that its second form names, with %s dropped', (_what, content) => {
    const { config } = loaded({ GATEHOUSE_SERVICE_NAME_FILE: '/run/name' }, { '/run/name': content });
    expect(config.site.serviceName).toBe('Library');
  });

  it('loses no more than one line end of its file', () => {
    expect(faultsOf({ GATEHOUSE_SERVICE_NAME_FILE: '/run/name' }, { '/run/name': 'Library\n\n' })).toEqual([
      expect.stringMatching(/^GATEHOUSE_SERVICE_NAME \(read from "\/run\/name"\) must be one line/),
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'is set in both forms',
      { GATEHOUSE_PORT: '1', GATEHOUSE_PORT_FILE: '/run/port' },
      'GATEHOUSE_PORT and GATEHOUSE_PORT_FILE are both set',
    ],
    ['is empty', { GATEHOUSE_PORT: '' }, 'GATEHOUSE_PORT is empty'],
    ['names no file', { GATEHOUSE_PORT_FILE: '' }, 'GATEHOUSE_PORT_FILE is empty'],
    [
      'names a file that is not there',
      { GATEHOUSE_PORT_FILE: '/run/absent' },
      'GATEHOUSE_PORT_FILE names the file "/run/absent", which cannot be read (ENOENT)',
    ],
    [
      'names an empty file',
      { GATEHOUSE_PORT_FILE: '/run/empty' },
      'GATEHOUSE_PORT_FILE names the file "/run/empty", which is empty',
    ],
  ])('is refused when it %s', (_why, env, fault) => {
    expect(faultsOf(env, { '/run/empty': '\n', '/run/port': '1' })).toEqual([fault]);
  });

  it('does not fall back to evaluation when the issuer is there but empty', () => {
    const faults = faultsOf({ ...production, GATEHOUSE_ISSUER: '' });
    expect(faults).toEqual(['GATEHOUSE_ISSUER is empty']);
  });

  it('may be a path to a file, which then must be readable', () => {
    const tls = { GATEHOUSE_TLS_CERT_FILE: '/tls/crt', GATEHOUSE_TLS_KEY_FILE: '/tls/key' };
    expect(faultsOf({ ...production, ...tls }, { '/tls/crt': 'PEM' })).toEqual([
      'GATEHOUSE_TLS_KEY_FILE names the file "/tls/key", which cannot be read (ENOENT)',
    ]);
    const { config } = loaded({ ...production, ...tls }, { '/tls/crt': 'PEM', '/tls/key': 'PEM' });
    expect(config.listen).toMatchObject({ tlsCertFile: '/tls/crt', tlsKeyFile: '/tls/key' });
  });
});

describe('a name that is not a setting', () => {
  it.each([
    ['GATEHOUSE_PRT', 'GATEHOUSE_PORT'],
    ['GATEHOUSE_ISUER', 'GATEHOUSE_ISSUER'],
    ['GATEHOUSE_COOKIE_KEY', 'GATEHOUSE_COOKIE_KEYS'],
    ['GATEHOUSE_DATABASEURL_FILE', 'GATEHOUSE_DATABASE_URL_FILE'],
    ['GATEHOUSE_TLS_CERT_FILE_FILE', 'GATEHOUSE_TLS_CERT_FILE'],
    ['gatehouse_port', 'GATEHOUSE_PORT'],
  ])('is refused: %s, with %s as the nearest', (name, nearest) => {
    expect(faultsWithRemedies({ [name]: '1' })).toEqual([
      { name, message: 'is not a setting', remedy: expect.stringContaining(`Did you mean ${nearest}?`) },
    ]);
  });

  it.each(['GATEHOUSE_SERVICE_HOST', 'GATEHOUSE_PORT_3000_TCP_ADDR', 'GATEHOUSE_WEB_SERVICE_PORT_HTTP'])(
    'is explained when Kubernetes has set it: %s',
    (name) => {
      expect(faultsWithRemedies({ [name]: '10.0.0.1' })).toEqual([
        expect.objectContaining({ name, remedy: 'Set enableServiceLinks: false in the pod.' }),
      ]);
    },
  );

  it('is left alone when it does not begin with GATEHOUSE_', () => {
    expect(faultsOf({ PATH: '/bin', GATEHOUSES: '1', MY_GATEHOUSE_PORT: '1' })).toEqual([]);
  });
});

describe('the report', () => {
  it('has every fault of every kind at once, in the order of the manual', () => {
    const faults = faultsOf({
      GATEHOUSE_ISSUER: 'https://id.example.org/?x#y',
      GATEHOUSE_PROT: '3000',
      GATEHOUSE_PORT: 'http',
      GATEHOUSE_MANAGEMENT_PORT: '70000',
      GATEHOUSE_WORKERS: '2',
      GATEHOUSE_SMTP_URL_FILE: '/run/absent',
      GATEHOUSE_COOKIE_KEYS: 'short',
      GATEHOUSE_TTL_SESSION_IDLE: '25h',
      GATEHOUSE_LOG_LEVEL: '',
    });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'GATEHOUSE_PROT',
      'GATEHOUSE_ISSUER',
      'GATEHOUSE_ISSUER',
      'GATEHOUSE_PORT',
      'GATEHOUSE_MANAGEMENT_PORT',
      'GATEHOUSE_TLS_CERT_FILE',
      'GATEHOUSE_WORKERS',
      'GATEHOUSE_DATABASE_URL',
      'GATEHOUSE_ENCRYPTION_KEYS',
      'GATEHOUSE_COOKIE_KEYS',
      'GATEHOUSE_PASSWORD_KEYS',
      'GATEHOUSE_SMTP_URL_FILE',
      'GATEHOUSE_MAIL_FROM',
      'GATEHOUSE_TTL_SESSION_IDLE',
      'GATEHOUSE_LOG_LEVEL',
    ]);
  });

  it('complains about a value once, not again about what would follow from it', () => {
    expect(faultsOf({ GATEHOUSE_PORT: 'many', GATEHOUSE_MANAGEMENT_PORT: '3000' })).toHaveLength(1);
  });
});
