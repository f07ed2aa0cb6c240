/** Who is in the golden files, and what their passwords are; the files themselves have hashes only. */
export const passwordOf = (name: string): string => odd[name] ?? `the password of ${name}`;

/** What hashes stumble over: other scripts, and lengths at which a block of the digest ends. */
const odd: Readonly<Record<string, string>> = {
  hash: 'Grüße, 世界 🌍',
  block32: 'thirty-two bytes of a passphrase',
  block64: 'exactly sixty-four bytes of a passphrase, which ends a block ..x',
  long: `more than seventy-two bytes: ${'of which bcrypt ignores the last '.repeat(3)}`,
  short: 'x',
  kurt: 'Grüße, 世界 🌍',
  dee: `more than seventy-two bytes: ${'of which Django ignores none '.repeat(3)}`,
  wendy: `more than seventy-two bytes: ${'of which WordPress ignores none '.repeat(3)}`,
};

export interface GoldenPerson {
  file: string;
  format: string;
  name: string;
  /** What they sign in with. */
  login: string;
  /** As the database calls the scheme. */
  scheme: string;
  /** Must set a new password, for the hash is weak. */
  weak: boolean;
}

const at = (file: string, format: string, mail: string | undefined, entries: Record<string, string>) =>
  Object.entries(entries).map(([name, scheme]) => ({
    file,
    format,
    name,
    login: mail === undefined ? name : `${name}@${mail}`,
    scheme: scheme.replace('!', ''),
    weak: scheme.endsWith('!'),
  }));

/** Everybody who can sign in after the files were imported; `!` marks schemes that are weak. */
export const goldenPeople: readonly GoldenPerson[] = [
  ...at('users.htpasswd', 'htpasswd', undefined, {
    hans: 'bcrypt',
    heidi: 'apr1!',
    henry: 'sha!',
    hugo: 'md5-crypt!',
  }),
  ...at('shadow', 'shadow', undefined, { sam: 'sha512-crypt', sue: 'sha256-crypt', sid: 'sha512-crypt' }),
  ...at('directory.ldif', 'ldif', 'directory.example', {
    lea: 'ssha!',
    lou: 'ssha256!',
    leo: 'ssha512!',
    liz: 'argon2i',
    lars: 'sha512-crypt',
  }),
  ...at('keycloak-realm.json', 'keycloak', 'keycloak.example', {
    kim: 'pbkdf2-sha256',
    kai: 'pbkdf2-sha512',
    kurt: 'pbkdf2-sha1!',
    kyle: 'argon2id',
  }),
  ...at('auth0.ndjson', 'auth0', 'auth0.example', { ann: 'bcrypt', abe: 'bcrypt' }),
  ...at('firebase.json', 'firebase', 'firebase.example', { fay: 'firebase-scrypt', finn: 'firebase-scrypt' }),
  ...at('django.json', 'django', 'django.example', {
    dora: 'pbkdf2-sha256',
    dan: 'argon2id',
    dee: 'django-bcrypt-sha256',
    dick: 'pbkdf2-sha1',
    dot: 'scrypt',
  }),
  ...at('wordpress.csv', 'wordpress', 'wordpress.example', {
    will: 'phpass!',
    wes: 'phpass!',
    wendy: 'wordpress-bcrypt',
  }),
  ...at('people.csv', 'csv', 'csv.example', { cleo: 'bcrypt', cary: 'sha512-crypt' }),
  ...at('people.jsonl', 'gatehouse', 'gatehouse.example', { gail: 'bcrypt', gus: 'pbkdf2-sha256' }),
];
