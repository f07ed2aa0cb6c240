import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../flows/protocol/app.ts';
import { mailTo } from '../support/mailbox.ts';
import { setNewPassword } from '../support/new-password.ts';
import { makePerson } from '../support/person.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { makeRecoveryTools, type OpenForm, type RecoveryTools } from './recovery-tools.ts';

const fresh = 'seven otters paint blue doors';

describe('links that set a password, on two processes', () => {
  let attacked: Attacked;
  let tools: RecoveryTools;
  beforeAll(async () => {
    attacked = await startAttacked();
    tools = makeRecoveryTools(attacked);
  });
  afterAll(() => attacked.dispose());

  const newPerson: RecoveryTools['newPerson'] = (changes) => tools.newPerson(changes);
  const signIn: RecoveryTools['signIn'] = (who, password) => tools.signIn(who, password);
  const openForm: RecoveryTools['openForm'] = (path, process) => tools.openForm(path, process);
  const linkFor: RecoveryTools['linkFor'] = (who) => tools.linkFor(who);

  it('F03: no way through the pages sets a password without the token of the mail', async () => {
    const who = await newPerson();
    await (await openForm('/forgot-password')).send({ email: who.username });
    await mailTo(attacked.issuer, who.username);
    const { values } = await openForm('/forgot-password');
    const tries: Record<string, string>[] = [
      {},
      { token: '' },
      { token: who.sub },
      { token: who.username },
      { token: 'x'.repeat(43) },
      { token: values.csrf ?? '' },
      { email: who.username, step: 'done', verified: 'true' },
      { account_id: who.sub, sub: who.sub, purpose: 'reset_password' },
    ];
    for (const path of ['/forgot-password', await linkFor(await newPerson())]) {
      const form = await openForm(path);
      for (const fields of tries) {
        const answer = await attacked.send('/reset-password', {
          method: 'POST',
          headers: { ...form.headers, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            csrf: form.values.csrf ?? '',
            new_password: fresh,
            password: fresh,
            ...fields,
          }).toString(),
        });
        expect([400, 403]).toContain(answer.status);
      }
    }
    await expect(signIn(who, fresh)).resolves.toBe(false);
    await expect(signIn(who, who.password)).resolves.toBe(true);
  });

  it('F04: the token of one person does nothing to another, whoever the form names', async () => {
    const [own, victim] = [await newPerson(), await newPerson()];
    const form = await openForm(await linkFor(own));
    const answer = await form.send({
      new_password: fresh,
      email: victim.username,
      username: victim.username,
      account_id: victim.sub,
      sub: victim.sub,
    });
    expect(answer.status).toBe(200);
    await expect(signIn(victim, fresh)).resolves.toBe(false);
    await expect(signIn(victim, victim.password)).resolves.toBe(true);
    await expect(signIn(own, fresh)).resolves.toBe(true);
  });

  describe('F05: a link does nothing any more', () => {
    const expectOver = async (form: OpenForm, who: Account, password = fresh) => {
      const answer = await form.send({ new_password: password }, {}, 1);
      expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('does nothing any more')]);
      await expect(signIn(who, password)).resolves.toBe(false);
    };

    it('after a newer one', async () => {
      const who = await newPerson();
      const older = await openForm(await linkFor(who));
      await linkFor(who);
      await expectOver(older, who);
    });

    it('after the password was changed, by another link or by who is signed in', async () => {
      const who = await newPerson();
      const form = await openForm(await linkFor(who));
      const person = makePerson(attacked.issuer);
      await person.visit('/account/security');
      await person.signIn(who);
      await person.submit({ password: who.password, new_password: 'nine herons read slow maps' });
      await expectOver(form, who);
      await setNewPassword(attacked.servers[0], who, 'four lamps behind green ice');
      await expectOver(form, who);
    });

    it('after the address was changed, also when it is changed back', async () => {
      const who = await newPerson();
      const form = await openForm(await linkFor(who));
      await attacked.servers[0].admin('PATCH', `users/${who.sub}`, { email: `new-${who.username}` });
      await expectOver(form, who);
      await attacked.servers[0].admin('PATCH', `users/${who.sub}`, { email: who.username });
      await expectOver(form, who);
    });

    it('after its lifetime', async () => {
      const who = await newPerson();
      const form = await openForm(await linkFor(who));
      await attacked.database.rows(
        `update one_time_link set expires_at = now() - interval '1 second' where subject_id = '${who.sub}'`,
      );
      await expectOver(form, who);
    });

    it('and one that was made for something else never did', async () => {
      const who = await newPerson();
      const form = await openForm(await linkFor(who));
      const token = randomBytes(32).toString('base64url');
      const hash = createHash('sha256').update(token).digest('hex');
      await attacked.database.rows(
        `insert into one_time_link (token_hash, purpose, subject_id, address, data, created_at, expires_at)
         values ('\\x${hash}', 'verify_email', '${who.sub}', '${who.username}', '{}', now(), now() + interval '1 hour')`,
      );
      const answer = await form.send({ token, new_password: fresh });
      expect(answer.status).toBe(400);
      await expect(signIn(who, fresh)).resolves.toBe(false);
    });

    it('nor one of an account that was disabled meanwhile', async () => {
      const who = await newPerson();
      const form = await openForm(await linkFor(who));
      await attacked.servers[0].admin('PATCH', `users/${who.sub}`, { status: 'disabled' });
      await expectOver(form, who);
    });
  });
});
