import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { OperatorBackups, OperatorExports } from '../../server/cli/backup-ports.ts';
import { makeProgress } from '../../server/cli/progress.ts';
import { StartError } from '../../server/errors.ts';
import { aHouse, run as runIn } from './fake-house.ts';

const carried = { tables: { account: 1234, client: 1 }, schemaVersion: 5 };

/** Exports are tested with real servers. */
const noExports: OperatorExports = {
  exportAll: () => Promise.reject(new Error('no export was asked for')),
  importAll: () => Promise.reject(new Error('no import was asked for')),
  makeKeypair: () => Promise.reject(new Error('no key was asked for')),
};

/** Backups that carry the same each time and keep what they were asked; `changes` replaces what comes of it. */
function someBackups(changes: Record<string, unknown> = {}) {
  const asked: Record<string, unknown>[] = [];
  const keep = ({ onRows, ...rest }: { onRows(table: string, rows: number): void }): void => {
    onRows('account', 1234);
    asked.push(rest);
  };
  const backups: OperatorBackups = {
    ...noExports,
    async backup(input) {
      keep(input);
      const madeAt = new Date('2026-11-24T12:00:00Z');
      return { ...carried, madeAt, bytes: 1_240_000, secrets: 'included', pause: undefined, ...changes };
    },
    async restore(input) {
      keep(input);
      return { ...carried, madeAt: '2026-11-24T12:00:00.000Z', leftOut: [], secretsKept: true, ...changes };
    },
    async move(input) {
      keep(input);
      return {
        ...carried,
        leftOut: [],
        to: 'db:5432/gh',
        from: './data',
        secrets: './data/secrets.json',
        ...changes,
      };
    },
    exportSecrets: (directory) => ({
      encryptionKeys: `${directory}/e`,
      cookieKeys: `${directory}/c`,
      passwordKeys: `${directory}/p`,
    }),
  };
  return { asked, run: (args: string[], input?: string) => runIn(aHouse().house, args, input, backups) };
}

const by = { kind: 'operator', id: 'root' };
const table = 'TABLE    ROWS\naccount  1,234\nclient   1\n\n';

describe('gatehouse backup', () => {
  it('says what is in the file, and what that means', async () => {
    const { asked, run } = someBackups();
    await expect(run(['backup', 'x.backup'])).resolves.toEqual({
      code: 0,
      out: `${table}Wrote x.backup: 2 tables, 1,235 rows, 1.2 MB; the schema has version 5.\n`,
      err: 'The secrets of the server are in it: whoever reads it can act as this server. Keep it as you keep them.\n',
    });
    expect(asked).toEqual([{ path: 'x.backup', withSecrets: true, longestPause: 10_000, by }]);
  });

  it('leaves the secrets out when asked, and lets the server wait as long as is said', async () => {
    const { asked, run } = someBackups({ secrets: 'left out', pause: 940 });
    const { err } = await run(['backup', 'x.backup', '--without-secrets', '--longest-pause', '60']);
    expect(err).toBe(
      'The secrets of the server are not in it, and without them it is worth nothing: keep a copy of secrets.json elsewhere.\nThe running server had to wait for 0.9 seconds.\n',
    );
    expect(asked).toEqual([{ path: 'x.backup', withSecrets: false, longestPause: 60_000, by }]);
  });

  it('prints JSON and nothing else', async () => {
    const { code, out, err } = await someBackups().run(['backup', 'x.backup', '--json']);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual({
      file: 'x.backup',
      madeAt: '2026-11-24T12:00:00.000Z',
      bytes: 1_240_000,
      secrets: 'included',
      ...carried,
    });
  });

  it('ends with 1 and the remedy when it is refused', async () => {
    const { run } = someBackups();
    const refusing = async () => {
      throw new StartError('x.backup exists already.', 'Give another name.');
    };
    const house = aHouse().house;
    const backups = {
      ...noExports,
      backup: refusing,
      restore: refusing,
      move: refusing,
      exportSecrets: () => ({ encryptionKeys: '', cookieKeys: '', passwordKeys: '' }),
    };
    await expect(runIn(house, ['backup', 'x.backup'], '', backups)).resolves.toEqual({
      code: 1,
      out: '',
      err: 'x.backup exists already.\nGive another name.\n',
    });
    expect((await run(['backup'])).code).toBe(2);
  });
});

describe('gatehouse restore', () => {
  it('says what came back, what did not, and that what was revoked since is back, too', async () => {
    const { code, out, err } = await someBackups({ leftOut: ['theirs'] }).run(['restore', 'x.backup']);
    expect([code, out]).toEqual([
      0,
      `${table}Restored 2 tables, 1,235 rows as of 2026-11-24T12:00:00.000Z; the schema has version 5.\n`,
    ]);
    expect(err).toMatch(
      /^Left out, for they are not Gatehouse's: theirs\.\nEverything is as it was then: .*revoked/,
    );
  });

  it('ends sessions when asked', async () => {
    const { asked, run } = someBackups();
    const { err } = await run(['restore', 'x.backup', '--end-sessions']);
    expect(asked).toEqual([{ path: 'x.backup', endSessions: true, by }]);
    expect(err).toBe('Every session, grant and token has been ended: people and apps sign in again.\n');
  });

  it('prints JSON and nothing else', async () => {
    const { out, err } = await someBackups().run(['restore', 'x.backup', '--json']);
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ file: 'x.backup', leftOut: [], secretsKept: true, ...carried });
  });
});

describe('gatehouse move', () => {
  const url = 'postgres://gh@db/gh';
  const secretUrl = 'postgres://gh:canary@db/gh';

  it.each([
    ['--to', ['--to', url], '', url],
    ['standard input', ['--to-stdin'], `${secretUrl}\n`, secretUrl],
    ['a setting', [], '', undefined],
  ])('takes the database from %s', async (_where, args, input, to) => {
    const { asked, run } = someBackups();
    const { code, out, err } = await run(['move', ...args], input);
    expect([code, err]).toEqual([0, '']);
    expect(asked).toEqual([{ to, by }]);
    expect(out).not.toContain('canary');
  });

  it('tells what to set next, and where the secrets are', async () => {
    const { out } = await someBackups().run(['move', '--to', url]);
    expect(out).toMatch(/^TABLE[\s\S]*\nMoved 2 tables, 1,235 rows to db:5432\/gh and compared them;/);
    for (const needed of [
      'GATEHOUSE_DATABASE_URL',
      'GATEHOUSE_DATA_DIR  ./data',
      './data/secrets.json',
      'gatehouse secrets export',
    ])
      expect(out).toContain(needed);
    const given = await someBackups({ secrets: undefined }).run(['move', '--to', url]);
    expect(given.out).not.toContain('secrets');
  });

  it('warns of a password that everybody can read, without repeating it', async () => {
    const { code, out, err } = await someBackups().run(['move', '--to', secretUrl]);
    expect(code).toBe(0);
    expect(err).toMatch(/^The password in --to can be seen by every user of this machine/);
    expect(out + err).not.toContain('canary');
  });

  it.each([
    ['no database URL', ['--to', 'mysql://u:canary@db/x']],
    ['two places', ['--to', url, '--to-file', 'canary-file']],
    ['two other places', ['--to-stdin', '--to-file', 'x']],
  ])('ends with 2 when given %s, and repeats nothing', async (_what, args) => {
    const { asked, run } = someBackups();
    const { code, out, err } = await run(['move', ...args]);
    expect([code, out, asked]).toEqual([2, '', []]);
    expect(err).not.toContain('canary');
  });
});

describe('gatehouse secrets export', () => {
  it('prints the settings that name the files', async () => {
    const { code, out } = await someBackups().run(['secrets', 'export', '/etc/gatehouse']);
    expect(code).toBe(0);
    expect(out).toBe(
      'GATEHOUSE_ENCRYPTION_KEYS_FILE=/etc/gatehouse/e\nGATEHOUSE_COOKIE_KEYS_FILE=/etc/gatehouse/c\nGATEHOUSE_PASSWORD_KEYS_FILE=/etc/gatehouse/p\n',
    );
  });
});

describe('progress', () => {
  const on = (isTTY: boolean) => {
    const err = Object.assign(new PassThrough(), { isTTY });
    return { err, progress: makeProgress({ in: Readable.from([]), out: new PassThrough(), err }, 'reading') };
  };

  it('is one line on a terminal, which is gone in the end', () => {
    const { err, progress } = on(true);
    progress.onRows('account', 1000);
    progress.end();
    expect(String(err.read())).toBe('\r\u001b[Kreading account: 1,000 rows\r\u001b[K');
  });

  it('is not shown elsewhere', () => {
    const { err, progress } = on(false);
    progress.onRows('account', 1000);
    progress.end();
    expect(err.read()).toBeNull();
  });
});
