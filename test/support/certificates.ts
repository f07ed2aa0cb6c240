import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from './temp-dir.ts';

/** PEM files. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface Authority {
  /** What those must trust who trust its certificates. */
  ca: string;
  /** A certificate for a server of these names and addresses, for a day, or one that ended yesterday. */
  issue(hosts: readonly string[], options?: { expired?: boolean }): Certificate;
  /** A certificate by which a client of this name proves itself. */
  issueToClient(name: string): Certificate;
}

/** A certificate authority that nobody trusts by itself. */
export async function makeAuthority(): Promise<Authority> {
  const { path: folder } = await makeTempDir('authority');
  const place = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=Authority of the tests',
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  let issued = 0;
  const sign = (subject: string, extensions: string, days: string): Certificate => {
    issued += 1;
    const file = `issued-${issued}`;
    writeFileSync(place(`${file}.ext`), extensions);
    openssl(
      ...['req', '-new', ...newKey, '-subj', `/CN=${subject}`],
      ...['-keyout', `${file}.key`, '-out', `${file}.csr`],
    );
    openssl(
      ...['x509', '-req', '-in', `${file}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', days, '-extfile', `${file}.ext`, '-out', `${file}.crt`],
    );
    return { cert: place(`${file}.crt`), key: place(`${file}.key`) };
  };
  return {
    ca: place('ca.crt'),
    issue(hosts, { expired = false } = {}) {
      const names = hosts.map((host) => `${/^[\d.]+$|:/.test(host) ? 'IP' : 'DNS'}:${host}`);
      const extensions = `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth\n`;
      return sign('a server', extensions, expired ? '-1' : '1');
    },
    issueToClient: (name) => sign(name, 'extendedKeyUsage=clientAuth\n', '1'),
  };
}
