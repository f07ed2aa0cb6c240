import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const hashing = section('Password hashing (argon2id)', {
  memory: setting({
    env: 'HASH_MEMORY',
    schema: kind.sizeBetween('19MiB', '1GiB').refine((bytes) => bytes % 1024 === 0, 'must be whole KiB'),
    default: '19MiB',
    doc: 'Memory of one hash. A stored password is brought to the present parameters when its owner signs in.',
  }),
  passes: setting({
    env: 'HASH_PASSES',
    schema: kind.wholeNumber(2, 20),
    default: 2,
    doc: 'Passes over that memory.',
  }),
  concurrency: setting({
    env: 'HASH_CONCURRENCY',
    schema: kind.wholeNumber(1, 64),
    derived: 'one less than there are processors, `1` or `2`',
    example: '2',
    doc: 'Hashes that one worker computes at the same time; a machine that is busy with them all answers nobody else. They run in the thread pool of libuv, 4 threads unless `UV_THREADPOOL_SIZE` says otherwise; leave some of them free.',
  }),
  queue: setting({
    env: 'HASH_QUEUE',
    schema: kind.wholeNumber(0, 10_000),
    default: 100,
    doc: 'Hashes that may wait. Beyond it sign-ins are answered with 503 at once.',
  }),
});

export const lockout = section('Lockout after failed sign-ins', {
  softAfter: setting({
    env: 'LOCKOUT_SOFT_AFTER',
    schema: kind.wholeNumber(3, 50),
    default: 5,
    doc: 'Failures in a row after which the next attempt must wait: 1 second, doubled by each further failure. Lower than 3 punishes typing errors.',
  }),
  longestDelay: setting({
    env: 'LOCKOUT_LONGEST_DELAY',
    schema: kind.durationBetween('1s', '1h'),
    default: '15m',
    doc: 'The longest of these delays.',
  }),
  hardAfter: setting({
    env: 'LOCKOUT_HARD_AFTER',
    schema: kind.wholeNumber(4, 100),
    default: 100,
    doc: 'Failures in a row after which the password is closed to devices that have never signed in with it, until it is reset or an operator opens it. More than `LOCKOUT_SOFT_AFTER`.',
  }),
  window: setting({
    env: 'LOCKOUT_WINDOW',
    schema: kind.durationBetween('10s', '1d'),
    default: '10m',
    doc: 'How far back the failures of network addresses count.',
  }),
  perNetwork: setting({
    env: 'LOCKOUT_NETWORK_FAILURES',
    schema: kind.wholeNumber(5, 100_000),
    default: 100,
    doc: 'Failed sign-ins of one network address (IPv6: of one /64) in that time, after which only known devices may sign in from there.',
  }),
  accountsPerNetwork: setting({
    env: 'LOCKOUT_NETWORK_ACCOUNTS',
    schema: kind.wholeNumber(2, 100_000),
    default: 30,
    doc: 'The same for the number of different accounts, or names that no account has, that one network address has failed with.',
  }),
  everywhere: setting({
    env: 'LOCKOUT_GLOBAL_FAILURES',
    schema: kind.wholeNumber(50, 1_000_000),
    default: 5000,
    doc: 'Failed sign-ins from all addresses together in that time, after which only known devices may sign in.',
  }),
});

export const imports = section('Imported users', {
  weakHashes: setting({
    env: 'IMPORT_WEAK_HASHES',
    schema: kind.oneOf('accept', 'reset', 'refuse'),
    default: 'reset',
    doc: 'What `gatehouse import users` does with password hashes by which a thief would soon find the password: those of MD5 or SHA-1, those without salt, and those of too few rounds. `reset` takes them over, and lets their owners in only after they have set a new password by mail.',
  }),
});

export const lifetimes = section('Lifetimes', {
  authorizationCode: setting({
    env: 'TTL_AUTHORIZATION_CODE',
    schema: kind.durationBetween('1s', '60s'),
    default: '60s',
    doc: 'Authorization codes.',
  }),
  accessToken: setting({
    env: 'TTL_ACCESS_TOKEN',
    runtime: true,
    schema: kind.durationBetween('1s', '1d'),
    default: '10m',
    doc: 'Access tokens. Those that are JWTs cannot be called back before they expire.',
  }),
  idToken: setting({
    env: 'TTL_ID_TOKEN',
    runtime: true,
    schema: kind.durationBetween('1s', '1d'),
    default: '10m',
    doc: 'ID tokens.',
  }),
  refreshTokenIdle: setting({
    env: 'TTL_REFRESH_TOKEN_IDLE',
    runtime: true,
    schema: kind.durationBetween('1s', '3650d'),
    default: '30d',
    doc: 'Refresh tokens that are not used.',
  }),
  refreshTokenAbsolute: setting({
    env: 'TTL_REFRESH_TOKEN_ABSOLUTE',
    schema: kind.durationBetween('1s', '3650d'),
    default: '180d',
    doc: 'A chain of refresh tokens, however often it is used.',
  }),
  refreshReplayWindow: setting({
    env: 'REFRESH_REPLAY_WINDOW',
    schema: kind.durationOrOff('1m'),
    default: '10s',
    doc: 'How long after its first use the same refresh, by the same client with the same key, gets the same answer once more: for two tabs, and for an answer that was lost on its way. `0s` switches it off; any second use then ends all tokens of the sign-in.',
  }),
  sessionIdle: setting({
    env: 'TTL_SESSION_IDLE',
    runtime: true,
    schema: kind.durationBetween('1s', '30d'),
    default: '1h',
    doc: 'A browser session that is not used.',
  }),
  sessionAbsolute: setting({
    env: 'TTL_SESSION_ABSOLUTE',
    schema: kind.durationBetween('1s', '30d'),
    default: '24h',
    doc: 'A browser session, counted from the sign-in.',
  }),
  interaction: setting({
    env: 'TTL_INTERACTION',
    schema: kind.durationBetween('1s', '1d'),
    default: '1h',
    doc: 'A sign-in that was begun: how long its pages may stay open.',
  }),
  deviceCode: setting({
    env: 'TTL_DEVICE_CODE',
    schema: kind.durationBetween('1s', '30m'),
    default: '10m',
    doc: 'Codes that a person types from a device without a browser.',
  }),
  pushedRequest: setting({
    env: 'TTL_PUSHED_REQUEST',
    schema: kind.durationBetween('1s', '599s'),
    default: '60s',
    doc: 'Pushed authorization requests (RFC 9126).',
  }),
});
