import { describe, expect, it } from '@jest/globals';
import type { OperatorHouse } from '../../server/cli/ports.ts';
import { AppError, StartError } from '../../server/errors.ts';
import { loaded, production } from '../server/config/environments.ts';
import { aHouse, run } from './fake-house.ts';

const commands = [
  [],
  ['migrate'],
  ['migrate', 'up'],
  ['migrate', 'status'],
  ['migrate', 'down'],
  ['config'],
  ['config', 'print'],
  ['config', 'check'],
  ['secrets', 'generate'],
  ['client', 'create'],
  ['client', 'list'],
  ['client', 'show'],
  ['client', 'delete'],
  ['user', 'create'],
  ['user', 'list'],
  ['user', 'show'],
  ['secrets', 'export'],
  ['backup'],
  ['restore'],
  ['move'],
];

describe('every command', () => {
  it.each(commands.map((command) => [command.join(' '), command] as const))(
    'has help: gatehouse %s --help',
    async (_name, command) => {
      const { code, out, err } = await run(aHouse().house, [...command, '--help']);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(new RegExp(`^Usage: gatehouse ${command.join(' ')}`));
    },
  );

  it.each([
    ['no command', []],
    ['an unknown command', ['frobnicate']],
    ['an unknown subcommand', ['client', 'frobnicate']],
    ['a group without its command', ['user']],
    ['an unknown option', ['user', 'list', '--frobnicate']],
    ['an argument too many', ['migrate', 'sideways']],
    ['a missing argument', ['client', 'show']],
    ['a missing option', ['migrate', 'down']],
    ['a number that is none', ['migrate', 'down', '--to', 'zero']],
    ['a number out of bounds', ['user', 'list', '--limit', '0']],
    ['a choice that is none', ['client', 'create', '--type', 'spaceship']],
    ['two places for one secret', ['user', 'create', '--password-stdin', '--password-file', 'x']],
    ['a backup to nowhere', ['backup']],
    ['a pause without end', ['backup', 'x', '--longest-pause', '0']],
    ['standard input for two things', ['client', 'create', '--metadata-file', '-', '--secret-stdin']],
  ])('ends with 2 after %s, and prints no result', async (_what, args) => {
    const { code, out, err } = await run(aHouse().house, args);
    expect([code, out]).toEqual([2, '']);
    expect(err).not.toBe('');
  });

  it.each([
    ['a refusal of the domain', new AppError('overloaded', { detail: 'canary' }), 1, 'Too busy right now'],
    [
      'something that cannot start',
      new StartError('No database.', 'Start it.', 1),
      1,
      'No database.\nStart it.',
    ],
    [
      'a wrong configuration',
      new StartError('2 faults\n  1. a\n  2. b', 'See there.', 78),
      78,
      '2 faults\n  1. a\n  2. b\nSee there.',
    ],
    ['a surprise', new TypeError('x is not a function'), 1, 'Unexpected error: x is not a function\n    at '],
  ])('tells %s on standard error, with its exit code', async (_what, error, code, message) => {
    const house: OperatorHouse = { ...aHouse().house };
    house.users = { ...house.users, list: () => Promise.reject(error) };
    const ended = await run(house, ['user', 'list']);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err.startsWith(message)).toBe(true);
    expect(ended.err).not.toContain('canary');
  });
});

describe('gatehouse migrate', () => {
  it('says what it did, to people and to programs', async () => {
    const { house } = aHouse();
    expect((await run(house, ['migrate'])).out).toBe('Applied 2; the schema has version 1.\n');
    expect(JSON.parse((await run(house, ['migrate', 'up', '--json'])).out)).toEqual({
      applied: [2],
      current: 1,
    });
    expect((await run(house, ['migrate', 'down', '--to', '1'])).out).toBe(
      'Nothing to do; the schema has version 1.\n',
    );
    expect(JSON.parse((await run(house, ['migrate', 'down', '--to', '0', '--json'])).out)).toEqual({
      undone: [1],
      current: 1,
    });
  });

  it('lists what is applied and what is not', async () => {
    const { out } = await run(aHouse().house, ['migrate', 'status']);
    expect(out).toBe(
      'NUMBER  NAME     APPLIED\n0001    initial  2026-01-02T03:04:05.000Z\n0002    later    not yet\n',
    );
  });
});

describe('gatehouse secrets generate', () => {
  it('makes every secret that a production server demands, new ones each time', async () => {
    const first = await run(aHouse().house, ['secrets', 'generate']);
    const second = await run(aHouse().house, ['secrets', 'generate', '--json']);
    const made = Object.fromEntries(
      first.out
        .trimEnd()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
    expect(Object.keys(made)).toEqual(Object.keys(JSON.parse(second.out)));
    expect(new Set([...Object.values(made), ...Object.values(JSON.parse(second.out))]).size).toBe(6);
    const { GATEHOUSE_ENCRYPTION_KEYS, GATEHOUSE_COOKIE_KEYS, GATEHOUSE_PASSWORD_KEYS, ...others } =
      production;
    expect([GATEHOUSE_ENCRYPTION_KEYS, GATEHOUSE_COOKIE_KEYS, GATEHOUSE_PASSWORD_KEYS]).not.toContain(
      undefined,
    );
    expect(loaded({ ...others, ...made }).mode).toBe('production');
  });
});
