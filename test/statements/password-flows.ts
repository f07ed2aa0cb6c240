import { addAccount, shown } from '../flows/protocol/app.ts';
import { linkTo, mailTo } from '../support/mailbox.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Cast } from './tour.ts';

/** What people do about their passwords: forget them, set new ones, change them. */
export async function renewPasswords({ server, recorder }: Cast): Promise<void> {
  const who = await addAccount(server, 'forgetful@example.org');
  /** What is still being delivered would be taken for a part of what comes next. */
  const settle = () =>
    waitFor('nothing is left in the outbox', async () => {
      const { body } = await server.admin('GET', 'outbox?state=waiting');
      return Array.isArray(body.items) && body.items.length === 0;
    });
  for (const [title, email] of [
    ['forgotten by nobody', 'nobody-here@example.org'],
    ['forgotten', who.username],
  ] as const) {
    await recorder.flow(title, async () => {
      const person = recorder.person(server.issuer);
      await person.visit('/forgot-password');
      await person.submit({ email });
    });
    await settle();
  }
  const link = linkTo('/reset-password', await mailTo(server.issuer, who.username, 'Set a new'));
  const fresh = 'seven otters paint blue doors';
  await recorder.flow('reset', async () => {
    const person = recorder.person(server.issuer);
    await person.visit(link);
    await person.submit({ new_password: fresh });
  });
  await recorder.flow('change', async () => {
    const person = recorder.person(server.issuer);
    await person.visit('/account/security');
    await person.signIn({ ...who, password: fresh });
    const done = shown(await person.submit({ password: fresh, new_password: 'nine herons read slow maps' }));
    if (done.status !== 200) throw new Error(`The password was not changed: ${done.text}`);
  });
  await mailTo(server.issuer, who.username, 'was changed', 2);
  await settle();
}
