import { expect, describe as group, it } from '@jest/globals';
import pg from 'pg';
import { describe, NotInTime, translate } from '../../../adapters/postgres/connection/failures.ts';
import { AppError } from '../../../server/errors.ts';

function fromServer(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('what it says', 0, 'error'), { code });
}

group('an error of the database', () => {
  it.each([
    ['08006', 'connection failure'],
    ['25006', 'read only: a primary that no longer is one'],
    ['25P03', 'idle in transaction for too long'],
    ['40001', 'serialization failure, after three repetitions'],
    ['40P01', 'deadlock, after three repetitions'],
    ['53100', 'disk full'],
    ['53200', 'out of memory'],
    ['53300', 'too many connections'],
    ['55P03', 'lock not available'],
    ['57014', 'statement timeout'],
    ['57P01', 'shutdown'],
    ['57P02', 'crash'],
    ['57P03', 'starting up'],
    ['58030', 'input or output has failed'],
  ])('%s (%s) is "unavailable", with its reason for the log only', (code) => {
    const cause = fromServer(code);
    const told = translate(cause, false);
    expect(told).toBeInstanceOf(AppError);
    expect(told).toMatchObject({
      code: 'unavailable',
      retryAfter: 2,
      detail: `database: ${code} what it says`,
      cause,
    });
    expect(String(told)).not.toContain('what it says');
  });

  it.each(['22P05', '23505', '42601', '42P01', 'XX000'])('%s is not: waiting would not help', (code) => {
    const error = fromServer(code);
    expect(translate(error, false)).toBe(error);
    expect(translate(error, true)).toBe(error);
  });

  it('without a code is "unavailable" only if the connection is gone', () => {
    const error = new Error('Connection terminated unexpectedly');
    expect(translate(error, true)).toMatchObject({ code: 'unavailable' });
    expect(translate(error, false)).toBe(error);
  });

  it('that is none, but ours already, stays what it is', () => {
    const error = new AppError('not_found');
    expect(translate(error, true)).toBe(error);
    expect(translate(new NotInTime('too late'), false)).toMatchObject({ code: 'unavailable' });
  });

  it('is described with every reason that it has', () => {
    const refused = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
    expect(describe(new AggregateError(refused))).toBe(
      'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
    );
  });
});
