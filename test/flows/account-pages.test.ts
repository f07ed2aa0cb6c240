import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aPerson, asPage } from '../interactions/house.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';

describe("the pages of one's own account", () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres' });
  }, 60_000);
  afterAll(() => server.dispose(), 60_000);

  it('ask for a sign-in first and then show what was asked for', async () => {
    const who = await aPerson(server, 'pages@example.com', { name: 'Ada' });
    const person = makePerson(server.issuer);
    await person.visit(`${server.issuer}/account/profile`);
    expect(person.page().text).toContain('Sign in');
    const seen = asPage(await person.signIn(who));
    expect(seen.url.pathname).toBe('/account/profile');
    expect(seen.text).toContain('pages@example.com');
    expect(seen.text).toContain('Ada');
  });

  it('lead to the account and nowhere else when the way back was tampered with', async () => {
    for (const state of ['', 'x', 'Ly9ldmlsLmV4YW1wbGU.AAAA', 'L2FjY291bnQvcHJvZmlsZQ.AAAA']) {
      const answer = await fetch(`${server.issuer}/account/back?state=${state}`, { redirect: 'manual' });
      expect(answer.status).toBe(302);
      expect(answer.headers.get('location')).toBe('/account');
    }
  });
});
