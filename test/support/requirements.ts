import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that the tests need from the machine and npm does not bring. */
export interface Requirement {
  name: string;
  what: string;
  debianPackage: string;
  elsewhere: string;
  /** Where it was found; undefined when it is missing. */
  find(): string | undefined;
}

export const requirements: readonly Requirement[] = [
  {
    name: 'PostgreSQL',
    what: 'the external database: stores, migrations and the server run against it',
    debianPackage: 'postgresql',
    elsewhere:
      'macOS: brew install postgresql@17. Others: https://www.postgresql.org/download/ (initdb and postgres on PATH)',
    find: postgresPrograms,
  },
  {
    name: 'PgBouncer',
    what: 'the pooler in front of PostgreSQL, in transaction mode',
    debianPackage: 'pgbouncer',
    elsewhere:
      'macOS: brew install pgbouncer. Others: https://www.pgbouncer.org/install.html (pgbouncer on PATH)',
    find: pgbouncerProgram,
  },
  {
    name: 'Redis',
    what: 'the optional Redis: single, with sentinels and as a cluster, killed, frozen and full',
    debianPackage: 'redis-server',
    elsewhere:
      'macOS: brew install redis. Others: https://redis.io/downloads/ (redis-server 7 or later on PATH)',
    find: redisProgram,
  },
  {
    name: 'OpenSSL',
    what: 'certificates, good and bad ones, from an authority of the tests',
    debianPackage: 'openssl',
    elsewhere: 'https://openssl-library.org/source/ (openssl on PATH)',
    find: () => onPath('openssl'),
  },
  {
    name: 'Chromium',
    what: 'the browser in which pages are looked at and walked through',
    debianPackage: 'chromium',
    elsewhere: 'Chromium or Google Chrome on PATH. macOS: brew install --cask chromium',
    find: chromiumProgram,
  },
];

/** The folder with `initdb` and `postgres`: Debian keeps them off PATH, one folder for each version. */
export function postgresPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...pathFolders()];
  return folders.find((folder) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))),
  );
}

/** Debian installs it where only root has its PATH. */
export function pgbouncerProgram(): string | undefined {
  return onPath('pgbouncer') ?? ['/usr/sbin/pgbouncer'].find((candidate) => existsSync(candidate));
}

/** The server; given other settings the same program is a sentinel or a node of a cluster. */
export function redisProgram(): string | undefined {
  return onPath('redis-server');
}

/** The browser's program, by the names that distributions give it. */
export function chromiumProgram(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const apps = ['Chromium', 'Google Chrome'].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  );
  const candidates = [...names.flatMap((name) => pathFolders().map((folder) => join(folder, name))), ...apps];
  return candidates.find((candidate) => existsSync(candidate));
}

function onPath(program: string): string | undefined {
  return pathFolders()
    .map((folder) => join(folder, program))
    .find((candidate) => existsSync(candidate));
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}
