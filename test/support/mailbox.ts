import { waitFor } from './wait-for.ts';

/** A mail in the mailbox of a server in evaluation mode. */
export interface KeptMail {
  to: string;
  subject: string;
  text: string;
  html: string;
  links: string[];
}

/** All of them, oldest first. */
export async function readMailbox(issuer: string): Promise<KeptMail[]> {
  const answer = await fetch(`${issuer}/dev/mailbox.json`);
  return JSON.parse(await answer.text());
}

/** The `count`-th mail to this address, counted from one, once it is there; `about` is a part of its subject. */
export function mailTo(issuer: string, address: string, about = '', count = 1): Promise<KeptMail> {
  return waitFor(`mail ${count} to ${address} about "${about}" has arrived`, async () => {
    const mails = await readMailbox(issuer);
    return mails.filter(({ to, subject }) => to === address && subject.includes(about))[count - 1];
  });
}

/** The link in a mail that leads to this path. @throws when there is none. */
export function linkTo(path: string, mail: KeptMail): URL {
  const link = mail.links.find((text) => new URL(text).pathname.endsWith(path));
  if (link === undefined) throw new Error(`No link to ${path} in: ${mail.text}`);
  return new URL(link);
}
