import { describe, expect, it } from '@jest/globals';
import { parseDatabaseUrl, showDatabase, staysOnMachine } from '../../server/database-url.ts';

function addressOf(url: string) {
  const parsed = parseDatabaseUrl(url);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  return parsed.address;
}

describe('a database URL', () => {
  it('says where, who and which', () => {
    expect(addressOf('postgres://some%20one:p%40ss:w%2Frd@db.example.org:5433/gate%2Dhouse')).toMatchObject({
      hosts: [{ host: 'db.example.org', port: 5433 }],
      user: 'some one',
      password: 'p@ss:w/rd',
      database: 'gate-house',
    });
  });

  it.each([
    ['postgresql://db', [{ host: 'db', port: 5432 }]],
    ['postgres:///gatehouse', [{ host: 'localhost', port: 5432 }]],
    ['postgres://[2001:db8::1]:6000/x', [{ host: '2001:db8::1', port: 6000 }]],
    [
      'postgres://u@one,two:5433,[::1]/x',
      [
        { host: 'one', port: 5432 },
        { host: 'two', port: 5433 },
        { host: '::1', port: 5432 },
      ],
    ],
    ['postgres:///x?host=/run/postgresql&port=5434', [{ host: '/run/postgresql', port: 5434 }]],
    ['postgres://%2Frun%2Fpostgresql:5435/x', [{ host: '/run/postgresql', port: 5435 }]],
    [
      'postgres:///x?host=one,two&port=1,2',
      [
        { host: 'one', port: 1 },
        { host: 'two', port: 2 },
      ],
    ],
  ])('%s names its hosts in order', (url, hosts) => {
    expect(addressOf(url).hosts).toEqual(hosts);
  });

  it.each([
    ['postgres://db/x', 'verified'],
    ['postgres://10.0.0.1/x', 'verified'],
    ['postgres://db/x?sslmode=require', 'verified'],
    ['postgres://db/x?sslmode=verify-ca', 'verified'],
    ['postgres://db/x?sslmode=verify-full', 'verified'],
    ['postgres://db/x?sslmode=no-verify', 'unverified'],
    ['postgres://db/x?sslmode=disable', 'off'],
    ['postgres://localhost,db/x', 'verified'],
    ['postgres://localhost/x', 'off'],
    ['postgres://127.8.9.1/x', 'off'],
    ['postgres://[::1]/x', 'off'],
    ['postgres:///x?host=/run/postgresql', 'off'],
    ['postgres://localhost/x?sslmode=verify-full', 'verified'],
    ['postgres://localhost.example.org/x', 'verified'],
    ['postgres://127.0.0.1.example.org/x', 'verified'],
  ])('%s means TLS %s', (url, tls) => {
    expect(addressOf(url).tls).toBe(tls);
  });

  it.each(['read-write', 'primary'])('may ask for a server that is %s', (wanted) => {
    expect(parseDatabaseUrl(`postgres://one,two/x?target_session_attrs=${wanted}`).kind).toBe('parsed');
  });

  it.each([
    ['mysql://db/x', /^must be a URL that begins with postgres/],
    ['postgres://user:pass/word@db/x', /^must be a URL/],
    ['postgres://user:pa#ss@db/x', /^must be a URL/],
    ['postgres://db/x#part', /^must be a URL/],
    ['postgres://db:port/x', /host that is not one/],
    ['postgres://db:0/x', /port that is not one/],
    ['postgres://db:65536/x', /port that is not one/],
    ['postgres:///x?host=one,two&port=1,2x', /port that is not one/],
    ['postgres://a:%zz@db/x', /percent-encoded/],
    ['postgres://db/x?sslmode=prefer', /sslmode other than verify-full/],
    ['postgres://db/x?sslmode=allow', /sslmode other than verify-full/],
    ['postgres://db/x?sslmode=verify-full&sslmode=disable', /parameter sslmode twice/],
    ['postgres://db/x?sslmode=disable&sslrootcert=ca.crt', /sslrootcert, but its sslmode/],
    ['postgres://db/x?ssl=true', /the parameter ssl, which is not known here/],
    ['postgres://db/x?sslmod=verify-full', /the parameter sslmod, which/],
    ['postgres://db/x?channel_binding=require', /the parameter channel_binding, which/],
    ['postgres://db/x?target_session_attrs=any', /another target_session_attrs than read-write/],
    ['postgres://db/x?target_session_attrs=standby', /another target_session_attrs than read-write/],
  ])('%s is refused, and why', (url, why) => {
    expect(parseDatabaseUrl(url)).toEqual({ kind: 'refused', why: expect.stringMatching(why) });
  });

  it('is shown without user and password', () => {
    expect(showDatabase(addressOf('postgres://user:canary@one:1,[::1]:2/x'))).toBe('one:1,[::1]:2/x');
  });

  it('repeats nothing of itself when it is refused but a name of a parameter', () => {
    const parsed = parseDatabaseUrl('postgres://user:canary@db/x?pass<canary>=canary');
    expect(parsed).toEqual({ kind: 'refused', why: expect.stringMatching(/^has a parameter, which/) });
    expect(JSON.stringify(parsed)).not.toContain('canary');
    // A password with a question mark that was not encoded.
    expect(JSON.stringify(parseDatabaseUrl('postgres://user:ca?nary@db/x'))).not.toContain('nary');
    expect(JSON.stringify(parseDatabaseUrl('postgres://user:canary@@@/x/y'))).not.toContain('canary');
  });

  it('stays on the machine only if all of its hosts do', () => {
    expect(staysOnMachine(addressOf('postgres://localhost,127.0.0.2/x'))).toBe(true);
    expect(staysOnMachine(addressOf('postgres://localhost,db/x'))).toBe(false);
  });
});
