import type { Fault } from '../../../server/config/fault.ts';
import { loadConfig } from '../../../server/config/load.ts';

const key = (filling: number): string => Buffer.alloc(32, filling).toString('base64url');

/** Everything that a production server must be given, and nothing else. */
export const production: Readonly<Record<string, string>> = {
  GATEHOUSE_ISSUER: 'https://id.example.org',
  GATEHOUSE_TRUST_PROXY: '1',
  GATEHOUSE_DATABASE_URL: 'postgres://gatehouse:pg-canary-5521@db.example.org/gatehouse',
  GATEHOUSE_SMTP_URL: 'smtps://gatehouse:smtp-canary-5522@mail.example.org',
  GATEHOUSE_MAIL_FROM: 'no-reply@example.org',
  GATEHOUSE_ENCRYPTION_KEYS: key(1),
  GATEHOUSE_COOKIE_KEYS: key(2),
  GATEHOUSE_PASSWORD_KEYS: key(3),
};

export type Files = Record<string, string>;

/** Reads from `files` as the file system would: what is not there throws ENOENT. */
export const readFrom =
  (files: Files) =>
  (path: string): string => {
    const content = files[path];
    if (content !== undefined) return content;
    throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
  };

export function without(env: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([other]) => other !== name));
}

export function faultsWithRemedies(env: Record<string, string>, files: Files = {}): Fault[] {
  const outcome = loadConfig(env, readFrom(files));
  return outcome.kind === 'ok' ? [] : outcome.faults;
}

/** The faults of an environment, as "NAME message"; none when it is good. */
export function faultsOf(env: Record<string, string>, files: Files = {}): string[] {
  return faultsWithRemedies(env, files).map(({ name, message }) => `${name} ${message}`);
}

/** The configuration of an environment that must be good. */
export function loaded(env: Record<string, string>, files: Files = {}) {
  const outcome = loadConfig(env, readFrom(files));
  if (outcome.kind === 'faulty') throw new Error(outcome.faults.map(({ name }) => name).join(', '));
  return outcome;
}
