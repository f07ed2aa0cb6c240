import { createTransport } from 'nodemailer';
import { faultInEmailAddress } from '../../server/accounts/login-name-rules.ts';
import type { Mailer } from '../../server/outbox/mail.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. */
  url: string;
  /** Address, or name and address, that the mail comes from. */
  from: string;
  /** Milliseconds for connecting and for each answer of the server. */
  timeout?: number;
}

export interface SmtpMailer extends Mailer {
  /** Connects and signs in, as a check; rejects with the server's reason. */
  verify(): Promise<void>;
  close(): void;
}

const defaultTimeout = 10_000;
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/**
 * Sends over SMTP on pooled connections. Without TLS, and with a certificate that does not fit, it talks to loopback
 * only: mail carries links that sign people in.
 */
export function makeSmtpMailer({ url, from, timeout = defaultTimeout }: SmtpOptions): SmtpMailer {
  const { protocol, hostname, port, username, password } = parseUrl(url);
  const secure = protocol === 'smtps:';
  const local = loopback.test(hostname);
  const transport = createTransport({
    pool: true,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !local,
    tls: { rejectUnauthorized: !local, minVersion: 'TLSv1.2' },
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // A mail is made of our texts; nothing in it may name a file or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, html }) {
      // Nodemailer reads a list, a group or a name out of the text; here it must be one address and nothing else.
      if (faultInEmailAddress(to) !== undefined) throw new Error('the recipient is not one single address');
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text, html });
    },
    async verify() {
      await transport.verify();
    },
    close() {
      transport.close();
    },
  };
}

/** An error that does not repeat the URL, since it holds the password. */
function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')) {
    throw new Error('the address of the mail server must begin with smtp:// or smtps:// and name a host');
  }
  return url;
}
