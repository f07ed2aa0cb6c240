import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the two ports of a server', () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
  });
  afterAll(() => server.dispose());

  it.each([
    ['/healthz', /^alive\n$/, 'text/plain'],
    ['/readyz', /^ready\n$/, 'text/plain'],
    ['/metrics', /^gatehouse_protocol_answers_total|^process_cpu_seconds_total/m, /^text\/plain; version=/],
  ])('management: %s', async (path, text, type) => {
    const { status, headers, text: body } = await exchange(server.managementUrl + path);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(headers['content-type']).toEqual(expect.stringMatching(type));
    expect(body).toMatch(text);
    await expect(exchange(server.managementUrl + path, { method: 'HEAD' })).resolves.toMatchObject({
      status: 200,
      text: '',
    });
    await expect(exchange(server.managementUrl + path, { method: 'POST' })).resolves.toMatchObject({
      status: 405,
    });
  });

  it('management: nothing else, and nothing of the public port', async () => {
    for (const path of [
      '/',
      '/account',
      '/.well-known/openid-configuration',
      '/api/admin/v1/users',
      '/metrics/',
    ]) {
      await expect(exchange(server.managementUrl + path)).resolves.toMatchObject({ status: 404 });
    }
  });

  it.each(['localhost', 'id.example.org', '203.0.113.7', '[::1]:1', ''])(
    'public: alive when it is asked under the host "%s"',
    async (host) => {
      const answer = await exchange(`http://127.0.0.1:${server.port}/healthz`, { headers: { host } });
      expect(answer).toMatchObject({
        status: 200,
        text: 'alive\n',
        headers: { 'cache-control': 'no-store' },
      });
    },
  );

  it.each(['/readyz', '/metrics'])('public: no %s', async (path) => {
    await expect(exchange(server.issuer + path)).resolves.toMatchObject({ status: 404 });
  });
});

describe('a server that speaks https itself, with everything that production demands', () => {
  let folder: TempDir;
  let ca: string;
  let server: RunningGatehouse;
  let host: string;
  beforeAll(async () => {
    folder = await makeTempDir('tls');
    const [cert, key] = [join(folder.path, 'tls.crt'), join(folder.path, 'tls.key')];
    const subject = ['-subj', '/CN=id.example.org', '-addext', 'subjectAltName=DNS:id.example.org'];
    const kind = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync('openssl', [...kind, ...subject, '-out', cert, '-keyout', key], { stdio: 'pipe' });
    ca = readFileSync(cert, 'utf8');
    const port = await freePort();
    host = `id.example.org:${port}`;
    server = await startGatehouse({
      database: 'postgres',
      port,
      env: {
        ...makeSecrets(),
        GATEHOUSE_ISSUER: `https://${host}`,
        GATEHOUSE_HOST: '127.0.0.1',
        GATEHOUSE_TLS_CERT_FILE: cert,
        GATEHOUSE_TLS_KEY_FILE: key,
        GATEHOUSE_SMTP_URL: 'smtp://127.0.0.1:1',
        GATEHOUSE_MAIL_FROM: 'no-reply@example.org',
        GATEHOUSE_LOG_LEVEL: 'info',
      },
    });
  });
  afterAll(async () => {
    await server.dispose();
    await folder.remove();
  });

  const ask = (path: string, headers: Record<string, string> = {}) =>
    exchange(`https://127.0.0.1:${server.port}${path}`, { ca, headers: { host, ...headers } });

  it('names https addresses, and sets cookies that belong to this host alone', async () => {
    const { text, headers } = await ask('/.well-known/openid-configuration');
    expect(JSON.parse(text)).toMatchObject({
      issuer: `https://${host}`,
      token_endpoint: `https://${host}/oauth2/token`,
    });
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{8}/);
    const query = new URLSearchParams({
      client_id: 'gatehouse-account',
      response_type: 'code',
      redirect_uri: `https://${host}/account`,
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const { status, setCookies } = await ask(`/oauth2/authorize?${query.toString()}`);
    expect(status).toBe(303);
    expect(setCookies.length).toBeGreaterThan(0);
    for (const cookie of setCookies) {
      expect(cookie).toMatch(/^__(Host|Secure)-/);
      expect(cookie).toMatch(/; secure/i);
      expect(cookie).toMatch(/; httponly/i);
    }
  });

  it('has no mailbox, and answers for no other host', async () => {
    await expect(ask('/dev/mailbox')).resolves.toMatchObject({ status: 404 });
    await expect(ask('/account', { host: 'localhost' })).rejects.toThrow(/altnames/);
    const other = exchange(`https://127.0.0.1:${server.port}/account`, {
      ca,
      headers: { host: 'id.example.org' },
    });
    await expect(other).resolves.toMatchObject({ status: 421 });
  });

  it('keeps to itself what production does not show: no banner, one object of JSON for each line', async () => {
    await ask('/.well-known/openid-configuration');
    await waitFor('a request has its line', () =>
      server.stdout().includes('/.well-known/openid-configuration'),
    );
    const lines = server.stdout().trimEnd().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ time: expect.any(String) });
  });

  it('does not speak plain http, nor a TLS older than 1.2', async () => {
    await expect(exchange(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow();
    const old = new Promise((resolve, reject) => {
      const socket = connectTls({
        port: server.port,
        host: '127.0.0.1',
        ca,
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
      });
      socket.once('secureConnect', resolve).once('error', reject);
    });
    await expect(old).rejects.toThrow();
    await expect(server.stop()).resolves.toBe(0);
  });
});
