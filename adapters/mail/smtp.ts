import { createTransport } from 'nodemailer';
import { withAsciiDomain } from '../../server/accounts/account.ts';
import { faultInEmailAddress } from '../../server/accounts/login-name-rules.ts';
import { type Mailer, MailRefused } from '../../server/outbox/mail.ts';

/**
 * `required`: nothing is sent without TLS. `off-for-loopback`: the same, except to this machine itself. `opportunistic`: where the
 * server offers STARTTLS, and in clear text where it does not.
 */
export type TlsPolicy = 'required' | 'opportunistic' | 'off-for-loopback';

export interface DkimKey {
  domain: string;
  selector: string;
  /** PEM. */
  privateKey: string;
}

export interface SmtpOptions {
  /** `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. */
  url: string;
  /** Address, or name and address, that the mail comes from. */
  from: string;
  /** The name that is shown where `from` has none. */
  senderName?: string;
  /** The right side of Message-IDs: the host of the issuer. */
  host?: string;
  tls?: TlsPolicy;
  /** Certificates (PEM) to trust instead of the system's. */
  ca?: string | undefined;
  /** Takes any certificate: who is in between can read the mail, and what lies in it. */
  allowUnverified?: boolean;
  dkim?: DkimKey | undefined;
  /** Connections at once. */
  connections?: number;
  /** Milliseconds for connecting and for each answer of the server. */
  timeout?: number;
}

export interface SmtpMailer extends Mailer {
  /** Connects and signs in, as a check; rejects with the server's reason. */
  verify(): Promise<void>;
  close(): void;
}

const defaultTimeout = 10_000;
/** A mail is a few kilobytes: whoever takes longer for it than this is as good as down. */
const longestDelivery = 60_000;
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/** Sends over SMTP on pooled connections. Mail carries links that set passwords: by default it leaves this machine with TLS only. */
export function makeSmtpMailer(options: SmtpOptions): SmtpMailer {
  const { url, from, senderName = '', host = 'localhost', timeout = defaultTimeout, dkim } = options;
  const transport = createTransport({
    pool: true,
    maxConnections: options.connections ?? 5,
    ...serverOf(url),
    ...securityOf(options),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // A mail is made of our texts; nothing in it may name a file or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim === undefined
      ? {}
      : { dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey } }),
  });
  const sender = readSender(from, senderName);
  return {
    async send({ id, to, subject, text, html }) {
      // Nodemailer reads a list, a group or a name out of the text; here it must be one address and nothing else.
      if (faultInEmailAddress(to) !== undefined)
        throw new MailRefused('the recipient is not one single address');
      const sending = transport.sendMail({
        ...(id === undefined ? {} : { messageId: `<${id}@${host}>` }),
        from: sender,
        to: { name: '', address: withAsciiDomain(to) },
        subject,
        text,
        html,
        // RFC 3834 5: nobody's holiday notice answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      await within(sending, longestDelivery).catch((error: unknown) => {
        throw isFinal(error) ? new MailRefused(messageOf(error), { cause: error }) : error;
      });
    },
    async verify() {
      await transport.verify();
    },
    close() {
      transport.close();
    },
  };
}

function serverOf(url: string) {
  const { protocol, hostname, port, username, password } = parseUrl(url);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

function securityOf({ url, tls = 'off-for-loopback', ca, allowUnverified = false }: SmtpOptions) {
  const { protocol, hostname } = parseUrl(url);
  const isExempt = tls === 'off-for-loopback' && loopback.test(hostname);
  return {
    requireTLS: protocol === 'smtp:' && tls !== 'opportunistic' && !isExempt,
    tls: {
      rejectUnauthorized: !allowUnverified && !isExempt,
      minVersion: 'TLSv1.2' as const,
      ...(ca === undefined ? {} : { ca }),
    },
  };
}

/** `Name <address>` or the address alone. */
function readSender(from: string, senderName: string): { name: string; address: string } {
  const [, name = '', address = from] = /^([^<]*)<([^<>]+)>$/.exec(from) ?? [];
  return { name: name.trim() === '' ? senderName : name.trim(), address: address.trim() };
}

/** Of what the server said to the recipient or to the mail itself; what it says to us may be mended by an operator. */
function isFinal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { responseCode, command } = error as { responseCode?: unknown; command?: unknown };
  return (
    typeof responseCode === 'number' &&
    responseCode >= 500 &&
    typeof command === 'string' &&
    ['RCPT TO', 'DATA'].includes(command)
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'refused');

async function within<T>(work: Promise<T>, limit: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the mail server took longer than ${limit / 1000} s`)), limit);
    timer.unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error that does not repeat the URL, since it holds the password. */
function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')) {
    throw new Error('the address of the mail server must begin with smtp:// or smtps:// and name a host');
  }
  return url;
}
