import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, addAccount, shown } from '../flows/protocol/app.ts';
import { makePerson, type Page, type Person } from '../support/person.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { beginGuessing, deviceCookie, type Guesser } from './guesses.ts';

const limit = 5;
const wrong = 'not the password at all';
const fresh = 'seven otters paint blue doors';

/** Every page that takes a password: where one is locked, so are the others. */
describe('D06: a lock that is begun on one path', () => {
  let attacked: Attacked;
  let guesser: Guesser;
  beforeAll(async () => {
    attacked = await startAttacked({ both: { GATEHOUSE_LOCKOUT_NETWORK_FAILURES: '100000' } });
    const ports = attacked.servers.map(({ port }) => port);
    guesser = await beginGuessing(attacked.servers[0], ports, attacked.apps.c1);
  });
  afterAll(() => attacked.dispose());

  /** Signed in, before the form that changes the password. */
  async function signedIn(who: Account): Promise<Person> {
    const person = makePerson(attacked.issuer);
    await person.visit('/account/security');
    await person.signIn(who);
    return person;
  }
  const change = async (person: Person, password: string): Promise<Page> =>
    shown(await person.submit({ password, new_password: fresh }));
  const deviceOf = ({ jar }: Person): string | undefined => jar.get(deviceCookie)?.value;
  /** What a session is without the device that it was begun on. */
  function steal({ jar }: Person): void {
    const cookie = jar.get(deviceCookie);
    if (cookie === undefined) throw new Error('no device is known');
    jar.put({ ...cookie, expires: 0 });
  }
  /** A minute more, so that the machine may take its time. */
  const prolong = ({ sub }: Account) =>
    attacked.database.rows(
      `update sign_in_counter set open_at = now() + interval '1 minute' where account_id = '${sub}'`,
    );
  const reasonsOf = async ({ sub }: Account) => {
    const rows = await attacked.database.rows(
      `select type, data->>'reason' as reason from audit_event
       where account_id = '${sub}' and type in ('signin.failed', 'reauth.failed') order by id`,
    );
    return rows.map(({ type, reason }) => `${String(type)} ${String(reason)}`);
  };

  it('by guessing at the present password in a stolen session holds for the sign-in, and the other way round', async () => {
    const who = await addAccount(attacked.servers[0], 'stolen@example.org');
    const thief = await signedIn(who);
    steal(thief);
    for (let count = 0; count < limit - 1; count += 1) await change(thief, wrong);
    await guesser.guess({ username: who.username, password: wrong }, 1);
    await prolong(who);
    expect((await guesser.guess(who)).status).toBe(422);
    await change(thief, who.password);
    expect(await reasonsOf(who)).toEqual([
      ...Array.from({ length: limit - 1 }, () => 'reauth.failed wrong_password'),
      'signin.failed wrong_password',
      'signin.failed locked',
      'reauth.failed locked',
    ]);
    await expect(attacked.servers[1].admin('GET', `users/${who.sub}/lock`)).resolves.toMatchObject({
      body: { failures: limit, refused: 2 },
    });
  });

  it('by the owner’s own device holds for that device on every path, and for no other', async () => {
    const who = await addAccount(attacked.servers[0], 'clumsy@example.org');
    const person = await signedIn(who);
    const device = deviceOf(person);
    for (let count = 0; count < limit; count += 1) await change(person, wrong);
    await prolong(who);
    await expect(guesser.guess({ ...who, device })).resolves.toMatchObject({ status: 429 });
    await change(person, who.password);
    expect((await reasonsOf(who)).slice(-2)).toEqual(['signin.failed locked', 'reauth.failed locked']);
    const elsewhere = await signedIn(who);
    expect(shown(await elsewhere.visit('/account/security')).status).toBe(200);
  });

  it('by strangers does not keep the owner from changing the password, which ends it', async () => {
    const who = await addAccount(attacked.servers[0], 'owner@example.org');
    const owner = await signedIn(who);
    for (let count = 0; count < limit + 3; count += 1)
      await guesser.guess({ username: who.username, password: wrong }, count);
    await prolong(who);
    expect((await change(owner, who.password)).text).toContain('Your password is changed');
    await expect(attacked.servers[1].admin('GET', `users/${who.sub}/lock`)).resolves.toMatchObject({
      body: { failures: 0, locked_until: null },
    });
  });
});
