import type { Clock } from '../../../server/clock.ts';
import type { Mailbox, MailboxMessage, Mailer } from '../../../server/outbox/mail.ts';
import type { Database } from '../connection/database.ts';

/** How many mails are kept; the oldest go first. */
export const mailboxSize = 500;

interface MessageRow {
  id: string;
  sent_at: Date;
  recipient: string;
  subject: string;
  text_body: string;
  html_body: string;
}

/** Mail of the evaluation mode: what is sent can be read on the mailbox page instead of leaving the machine. */
export function makeMailbox(database: Database, clock: Clock): Mailer & Mailbox {
  return {
    async send({ to, subject, text, html }) {
      await database.current().raw(
        `with added as (
          insert into mailbox_message (sent_at, recipient, subject, text_body, html_body) values (?, ?, ?, ?, ?)
        )
        delete from mailbox_message
        where id <= (select id from mailbox_message order by id desc offset ? limit 1)`,
        // The statement does not see the row that it adds.
        [clock.now(), to, subject, text, html, mailboxSize - 1],
      );
    },

    async list() {
      const rows: MessageRow[] = await database
        .current()('mailbox_message')
        .select('id', 'sent_at', 'recipient', 'subject', 'text_body', 'html_body')
        .orderBy('id');
      return rows.map(toMessage);
    },
  };
}

function toMessage(row: MessageRow): MailboxMessage {
  return {
    id: row.id,
    sentAt: row.sent_at,
    to: row.recipient,
    subject: row.subject,
    text: row.text_body,
    html: row.html_body,
    links: findLinks(row.text_body),
  };
}

/** Addresses in a text, each once, without the punctuation of the sentence around them. */
function findLinks(text: string): string[] {
  const found = text.match(/https?:\/\/[^\s<>"']+/g) ?? [];
  return [...new Set(found.map((link) => link.replace(/[.,;:!?)\]]+$/, '')))];
}
