import { makeSmtpMailer } from '../../adapters/mail/smtp.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../log.ts';
import type { Mailer } from '../outbox/mail.ts';
import { readNamedFile } from './read-named-file.ts';

/**
 * Mail goes to the mail server if there is one, or else to the mailbox.
 *
 * @throws StartError when a file that a setting names cannot be read
 */
export function makeMailer({ mail, site }: Config, mailbox: Mailer, log: Log): Mailer {
  if (mail.smtpUrl === undefined) return mailbox;
  const allowUnverified = mail.smtpAllowUnverified === 'yes';
  if (allowUnverified) {
    log.warn(
      'GATEHOUSE_SMTP_ALLOW_UNVERIFIED is on: whoever is between here and the mail server can read all mail',
    );
  }
  const { dkimDomain: domain, dkimSelector: selector, dkimKeyFile } = mail;
  return makeSmtpMailer({
    url: mail.smtpUrl,
    from: mail.from,
    senderName: site.serviceName,
    host: new URL(site.issuer).hostname.replace(/^\[|\]$/g, ''),
    tls: mail.smtpTls,
    ca: readNamedFile('SMTP_CA_FILE', mail.smtpCaFile),
    allowUnverified,
    connections: mail.connections,
    dkim:
      domain === undefined || selector === undefined || dkimKeyFile === undefined
        ? undefined
        : { domain, selector, privateKey: readNamedFile('DKIM_KEY_FILE', dkimKeyFile) },
  });
}
