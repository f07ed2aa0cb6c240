import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeWinstonLog, type WinstonLogOptions } from '../../../adapters/logging/winston.ts';
import { AppError } from '../../../server/errors.ts';
import type { Log } from '../../../server/log.ts';

function logInto(options: Partial<WinstonLogOptions> = {}): { log: Log; lines: () => string[] } {
  let written = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const log = makeWinstonLog({ level: 'debug', format: 'json', stream, ...options });
  return { log, lines: () => written.split('\n').slice(0, -1) };
}

describe('the log as JSON', () => {
  it('is one object per line: time in UTC, level, message, fields', () => {
    const { log, lines } = logInto();
    log.warn('slow', { ms: 812, path: '/oauth2/token', cached: false, user: null });
    expect(lines().map((line) => JSON.parse(line))).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'warn',
        message: 'slow',
        ms: 812,
        path: '/oauth2/token',
        cached: false,
        user: null,
      },
    ]);
  });

  it('lets no field stand in for time, level or message', () => {
    const { log, lines } = logInto();
    log.info('signed in', { level: 'error', message: 'forged', time: 'never', ['__proto__']: 'x' });
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
      level: 'info',
      message: 'signed in',
      level_: 'error',
      message_: 'forged',
      time_: 'never',
    });
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = logInto({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines().map((line) => JSON.parse(line).message)).toEqual(['c', 'd']);
  });

  it('unfolds an error with stack, code and causes', () => {
    const { log, lines } = logInto();
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', sql: 'select canary' });
    log.error('failed', { error: new TypeError('no answer', { cause }) });
    const { error } = JSON.parse(lines()[0] ?? '');
    expect(error).toMatchObject({
      name: 'TypeError',
      message: 'no answer',
      stack: expect.stringContaining('winston.test.ts'),
      cause: { name: 'Error', message: 'connect', code: 'ECONNREFUSED' },
    });
    expect(lines()[0]).not.toContain('select canary');
  });

  it('has the detail of our own errors, and not that of the database, which holds the row', () => {
    const { log, lines } = logInto();
    const foreign = Object.assign(new Error('duplicate key'), {
      detail: 'Key (email)=(canary)',
      constraint: 'login_name_pkey',
    });
    log.error('refused', { own: new AppError('not_found', { detail: 'no row' }), foreign });
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
      own: { name: 'AppError', code: 'not_found', detail: 'no row' },
      foreign: { message: 'duplicate key', constraint: 'login_name_pkey' },
    });
    expect(lines()[0]).not.toContain('canary');
  });

  it('comes to an end with what has none', () => {
    const { log, lines } = logInto();
    const ring: Record<string, unknown> = { name: 'ring' };
    ring.self = ring;
    const error = new Error('loop');
    error.cause = error;
    log.info('ring', {
      ring,
      error,
      bytes: Buffer.alloc(9_999),
      long: 'x'.repeat(100_000),
      list: Array.from({ length: 10_000 }, (_, index) => index),
      big: 10n,
      odd: Number.NaN,
      never: new Date(Number.NaN),
      nothing: undefined,
    });
    expect(lines()).toHaveLength(1);
    expect(lines()[0]?.length).toBeLessThan(20_000);
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
      bytes: '[9999 bytes]',
      big: '10',
      odd: 'NaN',
      never: 'Invalid Date',
    });
  });
});

describe.each(['json', 'text'] as const)('one entry (%s)', (format) => {
  const hostile = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\u2028',
        '\u2029',
        '\u001b',
        '\u009b',
        '\u0000',
        '\u202e',
        '\u007f',
        '\ud800',
        '"',
        '\\',
        '{',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  });

  it('stays one line without any unprintable character, whatever its message, names and values are', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (message, name, value) => {
        const { log, lines } = logInto({ format });
        log.info(message, { [name]: value, deep: { [name]: [value] } });
        expect(lines()).toHaveLength(1);
        expect(lines()[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});

describe('the log as JSON, read again', () => {
  it('has every value as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 7 }), (value) => {
        const { log, lines } = logInto();
        log.info('value', { value });
        expect(JSON.parse(lines()[0] ?? '').value).toBe(value);
      }),
    );
  });
});

describe('the log for people', () => {
  it('has time, level, message and fields in one line, and the frames of an error below, indented', () => {
    const { log, lines } = logInto({ format: 'text' });
    log.error('no mail', {
      to: 'a@example.org',
      error: new Error('refused\n12:00:00.000 INFO  forged', { cause: new Error('inner') }),
    });
    const [first, ...below] = lines();
    expect(first).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} ERROR no mail to=a@example\.org error="Error: refused\\n12:00:00\.000 INFO {2}forged"$/,
    );
    expect(below.length).toBeGreaterThan(2);
    expect(below.join('\n')).toContain('    caused by "Error: inner"');
    for (const line of below) expect(line).toMatch(/^ {4}(at |caused by )/);
  });

  it('has colours only where they are asked for', () => {
    const plain = logInto({ format: 'text' });
    const coloured = logInto({ format: 'text', colours: true });
    plain.log.info('a');
    coloured.log.info('a');
    expect(plain.lines()[0]).not.toContain('\u001b');
    expect(coloured.lines()[0]).toContain('\u001b[36mINFO \u001b[0m a');
  });
});
