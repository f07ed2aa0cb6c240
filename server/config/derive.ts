import { availableParallelism } from 'node:os';
import type { EnvName } from './catalogue.ts';
import { isLoopbackHost, type Mode } from './issuer.ts';
import type { Draft } from './rules.ts';

const usualPort = 3000;
const loopbackNetworks = ['localhost', '127.0.0.0/8', '::1/128'];

/**
 * Fills in what follows from other settings. What was set but not understood stays undefined, so that no rule complains
 * about a value that nobody wrote.
 */
export function derive(values: Draft, mode: Mode, given: (env: EnvName) => boolean): Draft {
  const { site, listen, mail, passwords, hashing, signUp, fetch } = values;
  const issuer = site.issuer === undefined ? undefined : new URL(site.issuer);
  const behindProxy = mode === 'production' && given('TRUST_PROXY');
  const port = given('PORT') ? listen.port : issuer === undefined || behindProxy ? usualPort : portOf(issuer);
  return {
    ...values,
    site: { ...site, issuer: given('ISSUER') ? site.issuer : localIssuer(port) },
    listen: { ...listen, port, host: given('HOST') ? listen.host : hostFor(mode, issuer) },
    hashing: {
      ...hashing,
      concurrency: given('HASH_CONCURRENCY') ? hashing.concurrency : hashesAtOnce(availableParallelism()),
    },
    signUp: { ...signUp, mode: given('SIGN_UP') ? signUp.mode : mode === 'production' ? 'closed' : 'open' },
    mail: { ...mail, from: given('MAIL_FROM') || mode === 'production' ? mail.from : 'gatehouse@localhost' },
    passwords: {
      ...passwords,
      initial: given('INITIAL_PASSWORDS')
        ? passwords.initial
        : mode === 'production'
          ? 'temporary'
          : 'permanent',
    },
    fetch: { ...fetch, allow: [...(fetch.allow ?? []), ...(mode === 'evaluation' ? loopbackNetworks : [])] },
  };
}

/** Port 80 is left out: an issuer has one spelling. */
function localIssuer(port: number | undefined): string | undefined {
  return port === undefined ? undefined : new URL(`http://localhost:${port}`).origin;
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/** The address that the issuer names, if it names one of this machine; names are left to the resolver of the visitor. */
function hostFor(mode: Mode, issuer: URL | undefined): string {
  if (mode === 'production') return '0.0.0.0';
  const named = issuer?.hostname.replace(/^\[(.*)\]$/, '$1');
  return named !== undefined && named !== 'localhost' && isLoopbackHost(named) ? named : '127.0.0.1';
}

/** One processor is left for everything else: hashes are long, and whoever asks for a token must not wait for them. */
function hashesAtOnce(processors: number): number {
  return Math.min(2, Math.max(1, processors - 1));
}
