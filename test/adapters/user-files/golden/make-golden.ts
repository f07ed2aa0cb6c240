/**
 * Makes the golden files of this folder anew, with the tools whose hashes they are: `node make-golden.ts`. It needs, from
 * Debian: openssl apache2-utils whois slapd php-cli python3-django python3-passlib python3-bcrypt python3-argon2
 * python3-cryptography. The tests read the files and need none of these.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { goldenPeople, passwordOf } from './people.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const save = (file: string, text: string): void => writeFileSync(here(file), text);
const run = (program: string, args: string[], input = ''): string =>
  execFileSync(program, args, { input, encoding: 'utf8' }).trimEnd();

const openssl = (kind: string, password: string): string =>
  run('openssl', ['passwd', `-${kind}`, '-stdin'], password);
const htpasswd = (flags: string, name: string): string =>
  run('htpasswd', ['-n', '-i', ...flags.split(' '), name], passwordOf(name)).trim();
const mkpasswd = (method: string, rounds: string, password: string): string =>
  run('mkpasswd', ['-m', method, '-R', rounds, '-s'], password);
const slappasswd = (scheme: string, password: string): string => {
  const module = scheme === 'ARGON2' ? 'argon2' : 'pw-sha2';
  const modules = ['-o', 'module-path=/usr/lib/ldap', '-o', `module-load=${module}`];
  return run('slappasswd', [...modules, '-n', '-h', `{${scheme}}`, '-s', password]);
};
const php = (code: string, ...args: string[]): string => run('php', ['-r', code, '--', ...args]);

/** WordPress 6.8, wp_hash_password. */
const wordpress =
  'echo "$wp" . password_hash(base64_encode(hash_hmac("sha384", trim($argv[1]), "wp-sha384", true)), PASSWORD_BCRYPT, ["cost" => 10]);'.replace(
    '"$wp"',
    "'$wp'",
  );

const names = [...goldenPeople.map(({ name }) => name), 'hash', 'nopw'];
const python = JSON.parse(
  run(
    '/usr/bin/python3',
    [here('make-golden.py')],
    JSON.stringify(Object.fromEntries(names.map((name) => [name, passwordOf(name)]))),
  ),
);

makeHashes();
save(
  'users.htpasswd',
  `${[htpasswd('-B -C 10', 'hans'), htpasswd('-m', 'heidi'), htpasswd('-s', 'henry'), `hugo:${openssl('1', passwordOf('hugo'))}`].join('\n')}\n`,
);
save(
  'shadow',
  [
    'root:*:19000:0:99999:7:::',
    'daemon:!:19000:0:99999:7:::',
    `sam:${openssl('6', passwordOf('sam'))}:19000:0:99999:7:::`,
    `sue:${mkpasswd('sha-256', '10000', passwordOf('sue'))}:19000:0:99999:7:::`,
    `sid:${mkpasswd('sha-512', '20000', passwordOf('sid'))}:19000:0:99999:7:::`,
    `stan:!${openssl('6', passwordOf('stan'))}:19000:0:99999:7:::`,
    '',
  ].join('\n'),
);
makeLdif();
makeKeycloak();
makeOthers();

/** One hash of every kind, for the families alone. */
function makeHashes(): void {
  const password = passwordOf('hash');
  const made = (tool: string, hash: string, of = 'hash') => ({ tool, name: of, hash });
  const rows = [
    ...['short', 'hash', 'block32', 'block64', 'long'].flatMap((name) =>
      ['1', 'apr1', '5', '6'].map((kind) =>
        made(`openssl passwd -${kind}`, openssl(kind, passwordOf(name)), name),
      ),
    ),
    made('mkpasswd -m sha-512 -R 1000', mkpasswd('sha-512', '1000', password)),
    made('mkpasswd -m bcrypt -R 5', mkpasswd('bcrypt', '5', password)),
    made('mkpasswd -m bcrypt -R 8', mkpasswd('bcrypt', '8', passwordOf('long')), 'long'),
    made('htpasswd -B', run('htpasswd', ['-n', '-i', '-B', '-C', '8', 'x'], password).trim().slice(2)),
    made(
      'php password_hash bcrypt',
      php('echo password_hash($argv[1], PASSWORD_BCRYPT, ["cost" => 8]);', password),
    ),
    made('php password_hash wordpress', php(wordpress, passwordOf('long')), 'long'),
    ...[
      'SHA',
      'SSHA',
      'MD5',
      'SMD5',
      'SHA256',
      'SSHA256',
      'SHA384',
      'SSHA384',
      'SHA512',
      'SSHA512',
      'ARGON2',
    ].map((scheme) => made(`slappasswd -h {${scheme}}`, slappasswd(scheme, password))),
    ...Object.entries<string>(python.passlib).map(([kind, hash]) => made(`passlib ${kind}`, hash)),
  ];
  save('hashes.json', `${JSON.stringify(rows, null, 1)}\n`);
}

function makeLdif(): void {
  const entry = (name: string, hash: string) =>
    [
      `dn: uid=${name},ou=people,dc=directory,dc=example`,
      'objectClass: inetOrgPerson',
      `uid: ${name}`,
      `mail: ${name}@directory.example`,
      `cn:: ${Buffer.from(`${name} Größe`).toString('base64')}`,
      'sn: Directory',
      `userPassword:: ${Buffer.from(hash)
        .toString('base64')
        .replace(/(.{40})/, '$1\n ')}`,
      'createTimestamp: 20210203040506Z',
      '',
    ].join('\n');
  const entries = [
    'version: 1\n',
    'dn: ou=people,dc=directory,dc=example\nobjectClass: organizationalUnit\nou: people\n',
    entry('lea', slappasswd('SSHA', passwordOf('lea'))),
    entry('lou', slappasswd('SSHA256', passwordOf('lou'))),
    entry('leo', slappasswd('SSHA512', passwordOf('leo'))),
    entry('liz', slappasswd('ARGON2', passwordOf('liz'))),
    entry('lars', `{CRYPT}${openssl('6', passwordOf('lars'))}`),
  ];
  save('directory.ldif', entries.join('\n'));
}

/** As `kc.sh export --users realm_file` writes a realm; the newest form of credentials, for one of them the oldest. */
function makeKeycloak(): void {
  const users = Object.entries<Record<'value' | 'salt' | 'algorithm', string> & { rounds: number }>(
    python.keycloak,
  ).map(([name, { value, salt, algorithm, rounds }], index) => {
    const argon = {
      hashLength: ['32'],
      memory: ['7168'],
      type: ['id'],
      version: ['1.3'],
      parallelism: ['1'],
    };
    const data = {
      hashIterations: rounds,
      algorithm,
      additionalParameters: algorithm === 'argon2' ? argon : {},
    };
    const newest = {
      id: `0000000${index}-0000-4000-8000-000000000000`,
      type: 'password',
      createdDate: 1600000000000,
      secretData: JSON.stringify({ value, salt, additionalParameters: {} }),
      credentialData: JSON.stringify(data),
    };
    const oldest = {
      type: 'password',
      hashedSaltedValue: value,
      salt,
      hashIterations: rounds,
      algorithm,
      counter: 0,
    };
    return {
      id: `1111111${index}-0000-4000-8000-000000000000`,
      createdTimestamp: 1600000000000 + index,
      username: index === 0 ? `${name}@keycloak.example` : name,
      enabled: true,
      totp: false,
      emailVerified: true,
      firstName: name.toUpperCase(),
      lastName: 'Cloak',
      email: `${name}@keycloak.example`,
      attributes: { locale: ['de'], phoneNumber: ['+49 30 123'] },
      credentials: [name === 'kurt' ? oldest : newest],
      disableableCredentialTypes: [],
      requiredActions: [],
      realmRoles: ['default-roles-shop', 'offline_access', ...(name === 'kim' ? ['editor'] : [])],
      notBefore: 0,
      groups: [],
    };
  });
  const service = {
    id: 'x',
    username: 'service-account-shop',
    enabled: false,
    serviceAccountClientId: 'shop',
    realmRoles: [],
  };
  const realm = {
    id: 'shop',
    realm: 'shop',
    roles: { realm: [{ name: 'editor' }] },
    clients: [{ clientId: 'shop' }],
    users: [...users, service],
  };
  save('keycloak-realm.json', `${JSON.stringify(realm, null, 2)}\n`);
}

function makeOthers(): void {
  const auth0 = Object.entries<string>(python.auth0).map(([name, hash], index) => ({
    _id: { $oid: `60425dc43519d90068f8297${index}` },
    email_verified: true,
    email: `${name}@auth0.example`,
    passwordHash: hash,
    password_set_date: { $date: '2021-03-05T16:34:12.502Z' },
    tenant: 'shop',
    connection: 'Username-Password-Authentication',
    given_name: name,
    created_at: '2021-03-05T16:34:12.502Z',
    _tmp_is_unique: true,
  }));
  save('auth0.ndjson', `${auth0.map((user) => JSON.stringify(user)).join('\n')}\n`);

  const { key, separator, users } = python.firebase;
  const firebase = Object.entries<Record<'hash' | 'salt', string>>(users).map(([name, { hash, salt }]) => ({
    localId: `local-${name}`,
    email: `${name}@firebase.example`,
    emailVerified: false,
    passwordHash: hash,
    salt,
    displayName: `${name} Base`,
    lastSignedInAt: '1600000000000',
    createdAt: '1600000000000',
    disabled: false,
    providerUserInfo: [],
  }));
  save('firebase.json', `${JSON.stringify({ users: firebase }, null, 2)}\n`);
  save(
    'firebase-parameters.txt',
    `hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: ${key},\n  base64_salt_separator: ${separator},\n  rounds: 8,\n  mem_cost: 14,\n}\n`,
  );
  save('django.json', python.django);

  const wp = (id: number, name: string, hash: string) =>
    `"${id}","${name}","${hash}","${name}","${name}@wordpress.example","","2019-08-07 06:05:04","","0","${name}, of ""Press"""`;
  const head =
    'ID,user_login,user_pass,user_nicename,user_email,user_url,user_registered,user_activation_key,user_status,display_name';
  const { will, wes } = python.phpass;
  save(
    'wordpress.csv',
    `${[head, wp(1, 'will', will), wp(2, 'wes', wes), wp(3, 'wendy', php(wordpress, passwordOf('wendy')))].join('\r\n')}\r\n`,
  );

  const bcrypt = (name: string) =>
    php('echo password_hash($argv[1], PASSWORD_BCRYPT, ["cost" => 10]);', passwordOf(name));
  save(
    'people.csv',
    [
      'email,email_verified,given_name,family_name,roles,status,created_at,password_hash',
      `cleo@csv.example,true,Cleo,"Comma, née Quote ""C""",editor,active,2020-01-02T03:04:05Z,${bcrypt('cleo')}`,
      `cary@csv.example,false,Cary,Grant,,,,${openssl('6', passwordOf('cary'))}`,
      '',
    ].join('\n'),
  );
  const own = (name: string, hash: string) =>
    JSON.stringify({
      sub: `id-${name}`,
      email: `${name}@gatehouse.example`,
      email_verified: true,
      name: `${name} Own`,
      locale: 'en-GB',
      roles: [],
      status: 'active',
      created_at: 1600000000,
      password_hash: hash,
    });
  save('people.jsonl', `${own('gail', bcrypt('gail'))}\n${own('gus', pbkdf2Of('gus'))}\n`);
}

function pbkdf2Of(name: string): string {
  const code =
    'import sys; from passlib.hash import pbkdf2_sha256; print(pbkdf2_sha256.using(rounds=29000).hash(sys.stdin.read()))';
  return run('/usr/bin/python3', ['-c', code], passwordOf(name));
}
