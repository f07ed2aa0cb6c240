import type { MailMessage } from './mail-kinds.ts';

/** A mail that somebody is owed. */
export interface OwedMail {
  /** Exactly one address. */
  to: string;
  message: MailMessage;
  /** Whom it concerns. */
  accountId?: string | undefined;
  /** The language to write in (RFC 5646), if it is known. */
  locale?: string | undefined;
  /** When it is of no use any more, as a link that has expired: it is not sent after that. */
  expiresAt?: Date | undefined;
}

/** Takes mails that are owed. They are sent later, by whichever process gets to it. */
export interface MailQueue {
  /** MUST be part of the transaction that is open, if one is: no change without its mail, no mail without its change. */
  enqueue(mail: OwedMail): Promise<void>;
}
