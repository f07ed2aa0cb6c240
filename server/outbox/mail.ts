export interface Mail {
  /** The same for each attempt to deliver it: becomes its Message-ID (RFC 5322 3.6.4). */
  id?: string | undefined;
  /** Exactly one address. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Takes a mail on its way. In evaluation mode it ends in the mailbox page, otherwise at the SMTP server. */
export interface Mailer {
  /** @throws MailRefused when this mail will never be taken; anything else may be tried again. */
  send(mail: Mail): Promise<void>;
}

/** The mail server will not take this mail for this recipient, however often it is asked (RFC 5321 4.2.1, 5yz). */
export class MailRefused extends Error {}

/** Mails kept for the mailbox page, oldest first. */
export interface MailboxMessage extends Mail {
  id: string;
  sentAt: Date;
  links: string[];
}

export interface Mailbox {
  list(): Promise<MailboxMessage[]>;
}
