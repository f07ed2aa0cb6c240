import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { makePerson, type Person } from '../support/person.ts';
import { type App, addAccount, registerApp, sentBack, shown } from './protocol/app.ts';

const password = 'seven otters paint blue doors';
const terms = (version: string) => ({
  GATEHOUSE_TERMS_VERSION: version,
  GATEHOUSE_TERMS_URL: 'https://example.org/terms',
  GATEHOUSE_PRIVACY_URL: 'https://example.org/privacy',
});

describe('the terms of the service', () => {
  let server: RunningGatehouse;
  let app: App;
  beforeAll(async () => {
    server = await startGatehouse({ database: 'postgres', env: terms('1') });
    app = await registerApp(server, { skip_consent: true });
  });
  afterAll(() => server.dispose());

  const signIn = async (who: { username: string; password: string }, person = makePerson(server.issuer)) => {
    await person.visit(app.begin().url);
    return person.signIn(who);
  };
  const accept = (person: Person, version: string) => person.submit({ terms: version }, { action: '/terms' });

  it('are accepted with a sign-up, and not asked for again until they change', async () => {
    const email = 'accepts@example.org';
    const person = makePerson(server.issuer);
    await person.visit(app.begin({ prompt: 'create' }).url);
    const without = shown(await person.submit({ email, password }));
    expect([without.status, without.text]).toEqual([422, expect.stringContaining('Read the terms')]);
    const other = shown(await person.submit({ email, password, terms: '0' }));
    expect(other.status).toBe(422);
    await person.submit({ email, password, terms: '1' });
    await person.visit(linkTo('/verify-email', await mailTo(server.issuer, email, 'Confirm')));
    expect(sentBack(await person.submit({}, { action: '/verify-email' }))).toHaveProperty('code');
    expect(sentBack(await signIn({ username: email, password }))).toHaveProperty('code');
    server = await server.startAgain({ env: terms('2') });
    const changed = makePerson(server.issuer);
    expect(shown(await signIn({ username: email, password }, changed)).text).toContain('terms have changed');
    expect(sentBack(await accept(changed, '2'))).toHaveProperty('code');
    expect(sentBack(await signIn({ username: email, password }))).toHaveProperty('code');
  });

  it('are asked for after the right password, and stay asked for until they are accepted', async () => {
    const who = await addAccount(server, 'asked@example.org');
    const person = makePerson(server.issuer);
    expect(shown(await signIn({ ...who, password: 'wrong' }, person)).text).not.toContain('terms have');
    expect(shown(await person.signIn(who)).text).toContain('terms have changed');
    const refused = shown(await accept(person, 'another'));
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('you cannot go on')]);
  });

  it('let nobody in whose form was changed to somebody else', async () => {
    const [who, other] = [
      await addAccount(server, 'mine@example.org'),
      await addAccount(server, 'theirs@example.org'),
    ];
    const person = makePerson(server.issuer);
    await signIn(who, person);
    const form = person.page().forms.find(({ action }) => action.includes('carried='));
    if (form === undefined) throw new Error('there is no form for the terms');
    const target = new URL(form.action, person.page().url);
    const carried = JSON.parse(Buffer.from(target.searchParams.get('carried') ?? '', 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...carried, accountId: other.sub })).toString('base64url');
    target.searchParams.set('carried', forged);
    form.action = target.pathname + target.search;
    expect(shown(await accept(person, '2')).status).toBe(403);
  });
});
