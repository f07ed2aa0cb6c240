import { chmodSync, chownSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Database, openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { assertReachable } from '../../../adapters/postgres/connection/start-checks.ts';
import { type Authority, type Certificate, makeAuthority } from '../../support/certificates.ts';
import { query, unprivilegedUser } from '../../support/postgres-cluster.ts';
import { makePostgresServer, type PostgresServer } from '../../support/postgres-server.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';

let folder: TempDir;
let authority: Authority;
let good: Certificate;
let server: PostgresServer;
const opened: Database[] = [];
beforeAll(async () => {
  folder = await makeTempDir('tls');
  authority = await makeAuthority();
  good = authority.issue(['localhost', '127.0.0.1']);
  giveToServer(folder.path, 0o700);
  install(good);
  copyFileSync(authority.ca, join(folder.path, 'clients.crt'));
  giveToServer(join(folder.path, 'clients.crt'), 0o600);
  server = await makePostgresServer({
    directory: folder.path,
    settings: {
      ssl: 'on',
      ssl_cert_file: join(folder.path, 'server.crt'),
      ssl_key_file: join(folder.path, 'server.key'),
      ssl_ca_file: join(folder.path, 'clients.crt'),
    },
  });
}, 60_000);
afterAll(async () => {
  for (const database of opened) await database.close();
  await server.dispose();
});

/** PostgreSQL wants its files to be its own. */
function giveToServer(path: string, mode: number): void {
  const { uid, gid } = unprivilegedUser();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
  chmodSync(path, mode);
}

function install({ cert, key }: Certificate): void {
  for (const [from, name] of [
    [cert, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    copyFileSync(from, join(folder.path, name));
    giveToServer(join(folder.path, name), 0o600);
  }
}

/** Waits until new connections meet this certificate. */
async function serve(certificate: Certificate): Promise<void> {
  const before = await loadTime();
  install(certificate);
  await query(server.database.superuserUrl, 'select pg_reload_conf()');
  await waitFor('the certificate is in use', async () => (await loadTime()) !== before);
}

/** When the postmaster has read its files, which a new session has from it. */
async function loadTime(): Promise<string> {
  const client = new pg.Client({ connectionString: server.database.superuserUrl });
  await client.connect();
  const { rows } = await client.query<{ at: string }>('select pg_conf_load_time()::text as at');
  await client.end();
  return rows[0]?.at ?? '';
}

function open({ host = 'localhost', parameters = '', caFile = '' }): Database {
  const database = openDatabase({
    where: { kind: 'url', url: `postgres://gatehouse@${host}:${server.port}/gatehouse?${parameters}` },
    poolMax: 2,
    acquireTimeout: 10_000,
    connectTimeout: 5000,
    statementTimeout: 5000,
    ...(caFile === '' ? {} : { caFile }),
  });
  opened.push(database);
  return database;
}

async function isEncrypted(database: Database): Promise<boolean> {
  const { rows } = await database.current().raw('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  return rows[0].ssl;
}

const refusal = (database: Database) =>
  assertReachable(database, 'db').then(
    () => 'accepted',
    ({ message, remedy }: { message: string; remedy: string }) => `${message} | ${remedy}`,
  );

describe('a database with a certificate of an own authority', () => {
  beforeAll(() => serve(good));

  it.each(['verify-full', 'verify-ca', 'require'])('is spoken to by TLS, with sslmode=%s', async (mode) => {
    const database = open({ parameters: `sslmode=${mode}`, caFile: authority.ca });
    await expect(isEncrypted(database)).resolves.toBe(true);
  });

  it('is verified by its address, too, and by the authority that the URL names', async () => {
    const parameters = `sslmode=verify-full&sslrootcert=${encodeURIComponent(authority.ca)}`;
    await expect(isEncrypted(open({ host: '127.0.0.1', parameters }))).resolves.toBe(true);
  });

  it.each(['verify-full', 'verify-ca', 'require'])(
    'is refused with sslmode=%s when nobody has said whom to trust',
    async (mode) => {
      await expect(refusal(open({ parameters: `sslmode=${mode}` }))).resolves.toMatch(
        /cannot be reached: (?:self-signed certificate|unable to verify).*GATEHOUSE_DATABASE_CA_FILE/,
      );
    },
  );

  it('is refused when another authority is trusted', async () => {
    const other = await makeAuthority();
    await expect(refusal(open({ parameters: 'sslmode=verify-full', caFile: other.ca }))).resolves.toContain(
      'GATEHOUSE_DATABASE_CA_FILE',
    );
  });
});

describe('a certificate that is not right', () => {
  it.each(['verify-full', 'verify-ca', 'require'])(
    'is refused with sslmode=%s when it names another',
    async (mode) => {
      await serve(authority.issue(['database.example.org']));
      await expect(refusal(open({ parameters: `sslmode=${mode}`, caFile: authority.ca }))).resolves.toMatch(
        /cannot be reached: Hostname\/IP does not match .*one of the names in the certificate/,
      );
    },
  );

  it('is refused when it has expired', async () => {
    await serve(authority.issue(['localhost'], { expired: true }));
    await expect(refusal(open({ parameters: 'sslmode=verify-full', caFile: authority.ca }))).resolves.toMatch(
      /cannot be reached: certificate has expired .*valid today/,
    );
  });

  it('is taken only by who has asked for it, and the connection is encrypted all the same', async () => {
    await serve(authority.issue(['database.example.org'], { expired: true }));
    await expect(isEncrypted(open({ parameters: 'sslmode=no-verify' }))).resolves.toBe(true);
  });

  it('is unavailable while it runs, and no longer when it is replaced, without a restart', async () => {
    await serve(good);
    const database = open({ parameters: 'sslmode=verify-full', caFile: authority.ca });
    await database.ping();
    await serve(authority.issue(['localhost'], { expired: true }));
    await endSessions();
    await expect(database.ping()).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    await serve(good);
    await waitFor('it is reached again', () => isEncrypted(database).catch(() => false));
  });
});

describe('an authority that is replaced', () => {
  it('is read again for the next connection', async () => {
    const caFile = join(folder.path, 'trusted.crt');
    copyFileSync(authority.ca, caFile);
    await serve(good);
    const database = open({ parameters: 'sslmode=verify-full', caFile });
    await database.ping();
    const next = await makeAuthority();
    await serve(next.issue(['localhost']));
    copyFileSync(next.ca, caFile);
    await endSessions();
    // One that is ended is noticed when it is used.
    await waitFor('it is reached again', () => isEncrypted(database).catch(() => false));
  });
});

describe('a database that wants a certificate of its clients', () => {
  const prove = ({ cert, key }: Certificate) =>
    `sslmode=verify-full&sslcert=${encodeURIComponent(cert)}&sslkey=${encodeURIComponent(key)}`;

  beforeAll(async () => {
    const rules = join(server.data, 'pg_hba.conf');
    writeFileSync(rules, `hostssl all gatehouse all cert\n${readFileSync(rules, 'utf8')}`);
    await serve(good);
  });

  it('gets the one that the URL names', async () => {
    const parameters = prove(authority.issueToClient('gatehouse'));
    await expect(isEncrypted(open({ parameters, caFile: authority.ca }))).resolves.toBe(true);
  });

  it('refuses another, and who has none', async () => {
    const other = prove(authority.issueToClient('somebody'));
    for (const parameters of [other, 'sslmode=verify-full'])
      await expect(refusal(open({ parameters, caFile: authority.ca }))).resolves.toMatch(
        /cannot be reached: 28000 .*pg_hba.conf/,
      );
  });
});

describe('a database without TLS', () => {
  it('is refused by who wants it: nothing falls back to plain text', async () => {
    const plain = await makePostgresServer();
    const url = `postgres://gatehouse@localhost:${plain.port}/gatehouse?sslmode=require`;
    const database = openDatabase({
      where: { kind: 'url', url },
      poolMax: 1,
      acquireTimeout: 10_000,
      connectTimeout: 5000,
      statementTimeout: 5000,
    });
    await expect(refusal(database)).resolves.toMatch(/does not support SSL connections .*ssl = on/);
    await database.close();
    await plain.dispose();
  });
});

async function endSessions(): Promise<void> {
  await query(
    server.database.superuserUrl,
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gatehouse'`,
  );
}
