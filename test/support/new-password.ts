import type { RunningGatehouse } from './gatehouse.ts';
import { linkTo, mailTo, readMailbox } from './mailbox.ts';
import { makePerson, type Page, type Person } from './person.ts';

/** Somebody with an e-mail address to sign in with. */
interface Owner {
  sub: string;
  username: string;
}

const about = 'Choose your password';

/** An operator has sent them a link, and they have opened it. */
export async function openNewPassword(server: RunningGatehouse, { sub, username }: Owner): Promise<Person> {
  const isAboutIt = ({ to, subject }: { to: string; subject: string }) =>
    to === username && subject === about;
  const before = (await readMailbox(server.issuer)).filter(isAboutIt).length;
  const started = await server.admin('POST', `users/${sub}/reset-password`);
  if (started.status !== 204) throw new Error(`No link was sent: ${JSON.stringify(started.body)}`);
  const person = makePerson(server.issuer);
  await person.visit(linkTo('/reset-password', await mailTo(server.issuer, username, about, before + 1)));
  return person;
}

/** They have got another password in that way. @throws with the words of the page when it was not taken */
export async function setNewPassword(server: RunningGatehouse, who: Owner, password: string): Promise<Page> {
  const person = await openNewPassword(server, who);
  const page = await person.submit({ new_password: password });
  if (page.kind !== 'page' || page.status !== 200)
    throw new Error(`The password was not taken: ${page.kind === 'page' ? page.text : page.url.href}`);
  return page;
}
