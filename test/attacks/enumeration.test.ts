import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addAccount, shown } from '../flows/protocol/app.ts';
import { makePerson, type Page } from '../support/person.ts';
import { type Attacked, startAttacked } from './fixture.ts';

/** What differs from answer to answer by itself, and what was typed. */
function looks({ status, headers, html }: Page, typed: Record<string, string>) {
  const masked = (text: string): string =>
    Object.entries(typed)
      .reduce((rest, [name, value]) => rest.replaceAll(value, name.toUpperCase()), text)
      .replaceAll(/[\w-]{43}/g, 'RANDOM')
      .replaceAll(/interaction\/[\w-]+/g, 'interaction/UID')
      .replaceAll(/expires=[^;"]+/gi, 'expires=T')
      .replaceAll(/\.sig=[\w-]+/g, '.sig=S');
  const { date: _date, 'x-request-id': _id, ...sent } = headers;
  // What was typed is shown again: it does not count.
  const rest = { ...sent, 'content-length': masked(html).length };
  return { status, headers: masked(JSON.stringify(rest)), page: masked(html) };
}

describe('D01: whether somebody has an account cannot be told', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked();
  });
  afterAll(() => attacked.dispose());

  it('by signing in: status, headers, cookies and page are the same for a known, a disabled, a passwordless and no name', async () => {
    const [first] = attacked.servers;
    const without = await addAccount(first, 'without@example.org', { password: undefined });
    const attempt = async (username: string) => {
      const person = makePerson(attacked.issuer);
      await person.visit(attacked.apps.c1.begin().url);
      const answer = shown(await person.submit({ username, password: 'not the right password' }));
      return looks(answer, { username });
    };
    const known = await attempt(attacked.people.user.username);
    expect(known.status).toBe(422);
    for (const name of [
      attacked.people.disabled.username,
      without.username,
      'nobody@example.org',
      'nobody-of-that-name',
    ])
      await expect(attempt(name)).resolves.toEqual(known);
  });

  it('by wanting their address: it is answered as one that is free', async () => {
    const ask = async (email: string, index: number) => {
      const who = await addAccount(attacked.servers[0], `wanter-${index}@example.net`);
      const person = makePerson(attacked.issuer);
      await person.visit('/account/email');
      const page = shown(await person.signIn(who));
      expect(page.text).toContain(who.username);
      const answer = shown(await person.submit({ email }));
      return looks(answer, { own: who.username, wanted: email });
    };
    const free = await ask('free-for-all@example.org', 0);
    expect([free.status, free.page]).toEqual([200, expect.stringContaining('WANTED')]);
    const taken = [attacked.people.user.username, attacked.people.disabled.username];
    for (const [index, email] of taken.entries()) await expect(ask(email, index + 1)).resolves.toEqual(free);
  });
});
