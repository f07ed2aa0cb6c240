import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readForms } from '../support/html.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { makeRelyingParty } from '../support/relying-party.ts';
import { readRows } from '../support/rows.ts';
import { type CrashPoint, mayAnswer, signUp } from './crash-points.ts';
import { type Crashes, forEachAtOnce, killed, startCrashes } from './crashes.ts';
import { classify } from './doors.ts';
import { readHistory } from './history.ts';
import { authorize, type CallDeps } from './people-calls.ts';
import { countOutcomes, isLong, longest, report } from './report.ts';

jest.setTimeout(longest);

const rounds = isLong ? 50 : 1;

/** The page of the link in the mail of a sign-up, open in a browser. */
interface OpenPage {
  user: string;
  password: string;
  cookie: string;
  origin: string;
  values: Record<string, string>;
}

describe('a server that is killed while somebody makes an account', () => {
  let crashes: Crashes;
  beforeAll(async () => {
    crashes = await startCrashes();
  });
  afterAll(() => crashes.dispose());

  /** Signs up at the server that lives, and opens the link there. */
  const openPage = async (user: string, password: string): Promise<OpenPage> => {
    const { issuer } = crashes.steady.doors;
    const person = makePerson(issuer);
    await person.visit(makeRelyingParty(issuer, crashes.app).begin({ prompt: 'create' }).url);
    await person.submit({ email: user, password });
    const link = linkTo('/verify-email', await mailTo(issuer, user, 'Confirm'));
    const phone = makePerson(issuer);
    const page = await phone.visit(link);
    const form = page.kind === 'page' ? readForms(page.html)[0] : undefined;
    if (form === undefined) throw new Error('the link shows no form');
    const cookie = phone.jar.header(link) ?? '';
    return { user, password, cookie, origin: link.origin, values: form.values };
  };

  const confirm = ({ doors, history }: CallDeps, { user, password, cookie, origin, values }: OpenPage) =>
    history.record('person', { type: 'create-user', user, name: '', password }, async () =>
      classify(
        await doors.send('/verify-email', {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', origin, cookie },
          body: new URLSearchParams(values).toString(),
        }),
      ),
    );

  it(`F-03 at ${signUp.length} points, ${rounds} times each: the link works once, and nobody is half there`, async () => {
    const points = Array.from({ length: rounds }, () => signUp).flat();
    await forEachAtOnce(points, 2, async (point: CrashPoint, index) => {
      const page = await openPage(`made-${index}@example.org`, `a way into the house ${index}`);
      const dying = await crashes.startDying(point);
      const accountsBy = async () =>
        (await readRows(crashes.database.superuserUrl, 'select 1 from account where email = $1', [page.user]))
          .length;
      const first = await confirm(dying.calls, page);
      await expect(dying.server.ended).resolves.toBe(killed);
      if (point.kept !== 'either')
        expect([point.at, await accountsBy()]).toEqual([point.at, point.kept === 'all' ? 1 : 0]);
      if (!mayAnswer(point)) expect([point.at, first.outcome]).toEqual([point.at, 'unknown']);
      // The person sends the form again: either it makes the account, or it says that the address is confirmed.
      const again = await confirm(crashes.steady, page);
      expect([point.at, again.outcome]).toEqual([point.at, 'ok']);
      const who = { family: page.user, user: page.user, password: page.password };
      const { code } = await authorize(crashes.steady, 'person', crashes.app, who);
      expect([point.at, typeof code]).toEqual([point.at, 'string']);
    });
    // I1, I5: one account and one event for each person; I6: with a password, and nothing of the sign-up is left open.
    const rows = await readRows<Record<'made' | 'events' | 'passwords' | 'open' | 'used', number>>(
      crashes.database.superuserUrl,
      `select (select count(*)::int from login_name n where n.account_id = a.id) as made,
         (select count(*)::int from audit_event e where e.account_id = a.id and e.type = 'signup.confirmed') as events,
         (select count(*)::int from password_credential p where p.account_id = a.id) as passwords,
         (select count(*)::int from sign_up s where s.id = a.id and (s.confirmed_at is null or s.password_hash <> '')) as open,
         (select count(*)::int from one_time_link l where l.subject_id = a.id and l.used_at is not null) as used
       from account a where a.email like 'made-%'`,
    );
    const whole = rows.filter(
      ({ made, events, passwords, open, used }) =>
        made === 1 && events === 1 && passwords === 1 && open === 0 && used === 1,
    );
    const { calls } = readHistory(crashes.history.path);
    report({
      row: 'F-03',
      fault: `${points.length} kills -9 while an account is made by a link, at ${signUp.length} points`,
      calls: countOutcomes(calls),
      lost: points.length - whole.length,
      measured: `${whole.length} people sent the form again and are there once each, with the password that they had chosen`,
    });
    expect(whole).toHaveLength(points.length);
  });
});
