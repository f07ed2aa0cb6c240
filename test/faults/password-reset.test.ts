import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { type CrashPoint, mayAnswer, passwordReset } from './crash-points.ts';
import { type Crashes, forEachAtOnce, killed, startCrashes } from './crashes.ts';
import { readHistory } from './history.ts';
import { createUser } from './operator-calls.ts';
import { openLink, submitPassword } from './password-calls.ts';
import { authorize } from './people-calls.ts';
import { countOutcomes, isLong, longest, report } from './report.ts';

jest.setTimeout(longest);

const rounds = isLong ? 50 : 1;

describe('a server that is killed while somebody sets a new password by a link', () => {
  let crashes: Crashes;
  beforeAll(async () => {
    crashes = await startCrashes();
  });
  afterAll(() => crashes.dispose());

  const canSignIn = async (user: string, password: string): Promise<boolean> => {
    const { code } = await authorize(crashes.steady, 'person', crashes.app, { family: user, user, password });
    return code !== undefined;
  };

  it(`F-03 at ${passwordReset.length} points, ${rounds} times each: the link works once, and nothing is half done`, async () => {
    const points = Array.from({ length: rounds }, () => passwordReset).flat();
    const ends = { again: 0, done: 0 };
    const subjects: string[] = [];
    const operator = { ...crashes.steady, adminToken: await crashes.adminToken() };
    await forEachAtOnce(points, 2, async (point: CrashPoint, index) => {
      const user = `reset-${index}@example.org`;
      const old = 'the old way into the house';
      const sub =
        (await createUser(operator, 'operator', { user, name: 'Pat', password: old })).facts?.sub ?? '';
      subjects.push(sub);
      const password = `a new way into the house ${index}`;
      const change = { type: 'set-password', user, password } as const;
      const dying = await crashes.startDying(point);
      const page = await openLink(operator, { user, sub });
      if (page === undefined) throw new Error(`no link came for ${point.at}`);
      const first = await submitPassword(dying.calls, 'person', page, change);
      await expect(dying.server.ended).resolves.toBe(killed);
      if (!mayAnswer(point)) expect([point.at, first.outcome]).toEqual([point.at, 'unknown']);
      if (point.kept === 'nothing') await expect(canSignIn(user, old)).resolves.toBe(true);
      // The person sends the form again.
      const again = await submitPassword(crashes.steady, 'person', page, change);
      if (point.kept === 'nothing') expect([point.at, again.outcome]).toEqual([point.at, 'ok']);
      if (point.kept === 'all') expect([point.at, again.outcome]).toEqual([point.at, 'fail']);
      ends[again.outcome === 'ok' ? 'again' : 'done'] += 1;
      await expect(canSignIn(user, password)).resolves.toBe(true);
      await expect(canSignIn(user, old)).resolves.toBe(false);
    });
    const client = new pg.Client({ connectionString: crashes.database.superuserUrl });
    await client.connect();
    // I1, I5: one change, one event, one mail for each person; I6: everybody has a password.
    const { rows } = await client.query(
      `select a.id, (select count(*)::int from audit_event e where e.account_id = a.id and e.type = 'password.changed') as events,
         (select count(*)::int from outbox_message m where m.account_id = a.id and m.kind = 'password_changed') as mails,
         (select count(*)::int from one_time_link l where l.subject_id = a.id and l.used_at is not null) as used,
         (select count(*)::int from password_credential p where p.account_id = a.id) as passwords
       from account a where a.id = any ($1)`,
      [subjects],
    );
    await client.end();
    const whole = rows.filter(
      ({ events, mails, used, passwords }) => events === 1 && mails === 1 && used === 1 && passwords === 1,
    );
    const { calls } = readHistory(crashes.history.path);
    report({
      row: 'F-03',
      fault: `${points.length} kills -9 while a password is set by a link, at ${passwordReset.length} points`,
      calls: countOutcomes(calls),
      lost: rows.length - whole.length,
      measured: `sent again, the form set the password ${ends.again} times and was told that the link is used ${ends.done} times`,
    });
    expect(whole).toHaveLength(points.length);
  });
});
