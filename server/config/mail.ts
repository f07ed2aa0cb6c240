import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const mail = section('Mail', {
  smtpUrl: setting({
    env: 'SMTP_URL',
    schema: kind.url(['smtp', 'smtps'], 'SMTP URL'),
    secret: true,
    doc: 'The mail server: `smtp://` (with STARTTLS, see `GATEHOUSE_SMTP_TLS`) or `smtps://`. Without it, in evaluation mode only, mail stays in the mailbox page.',
    example: 'smtps://gatehouse:PASSWORD@mail.example.org',
  }),
  from: setting({
    env: 'MAIL_FROM',
    schema: kind.mailbox,
    derived: '`gatehouse@localhost` in evaluation mode',
    doc: 'The sender of all mail. Without a name of its own it is shown with `GATEHOUSE_SERVICE_NAME`.',
    example: 'no-reply@example.org',
  }),
  smtpTls: setting({
    env: 'SMTP_TLS',
    schema: kind.oneOf('required', 'opportunistic', 'off-for-loopback'),
    default: 'off-for-loopback',
    doc: 'Whether mail may leave without TLS; it carries links that set passwords. `required`: never. `off-for-loopback`: to this machine itself only, and there no certificate is looked at. `opportunistic`: wherever the server does not offer STARTTLS, and whoever is in between can see to that.',
  }),
  smtpCaFile: setting({
    env: 'SMTP_CA_FILE',
    schema: kind.path,
    doc: 'PEM file with the certificates that the mail server is trusted by, instead of those of the system.',
    example: '/etc/gatehouse/smtp-ca.crt',
  }),
  smtpAllowUnverified: setting({
    env: 'SMTP_ALLOW_UNVERIFIED',
    schema: kind.oneOf('yes', 'no'),
    default: 'no',
    doc: 'Whether any certificate of the mail server will do. `yes` lets whoever is in between read all mail, and set the passwords of everybody; a warning is logged at each start.',
  }),
  dkimDomain: setting({
    env: 'DKIM_DOMAIN',
    schema: kind.text(253, 'domain'),
    doc: 'Mail is signed for this domain (DKIM, RFC 6376), where the mail server does not do so itself.',
    example: 'example.org',
  }),
  dkimSelector: setting({
    env: 'DKIM_SELECTOR',
    schema: kind.text(63, 'name'),
    doc: 'The selector under which the public key is in the DNS.',
    example: 'gatehouse',
  }),
  dkimKeyFile: setting({
    env: 'DKIM_KEY_FILE',
    schema: kind.path,
    doc: 'PEM file with the private key.',
    example: '/etc/gatehouse/dkim.key',
  }),
  connections: setting({
    env: 'SMTP_CONNECTIONS',
    schema: kind.wholeNumber(1, 50),
    default: 5,
    doc: 'Mails that one worker delivers at the same time, each over a connection of its own. A recipient that is slow holds up one of them.',
  }),
  outboxInterval: setting({
    env: 'OUTBOX_INTERVAL',
    schema: kind.durationBetween('100ms', '1d'),
    default: '1s',
    doc: 'How often a process looks for mail that others have put into the outbox, and for what is to be tried again. Its own goes out at once.',
  }),
  outboxRetention: setting({
    env: 'OUTBOX_RETENTION',
    schema: kind.durationBetween('1h', '3650d'),
    default: '30d',
    doc: 'How long it is known what has become of a mail: delivered, expired, discarded or dead. What a dead one says is kept, encrypted, as long.',
  }),
});
