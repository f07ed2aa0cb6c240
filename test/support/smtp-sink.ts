import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { freePort } from './free-port.ts';
import { type ReadMail, readMail } from './mail-reader.ts';
import { waitFor } from './wait-for.ts';

export interface SunkMail extends ReadMail {
  /** Sender of the envelope. */
  from: string;
  /** Recipients of the envelope. */
  to: string[];
  raw: string;
}

export interface SmtpSinkOptions {
  /** A free one when left out. */
  port?: number;
  /** Whether to offer TLS, with a certificate that fits nobody. */
  tls?: 'none' | 'starttls' | 'implicit';
  /** Let in only with this name and password. */
  credentials?: { username: string; password: string };
  /** Called for each recipient; what it returns is answered with 550. */
  refuse?: (recipient: string) => string | undefined;
}

export interface SmtpSink {
  url: string;
  port: number;
  /** Everything that came in, oldest first. */
  mails: readonly SunkMail[];
  /** The first mail to this address, once it is there. */
  mailTo(recipient: string): Promise<SunkMail>;
  close(): Promise<void>;
}

/** A mail server on a free port of 127.0.0.1 that delivers to nobody. */
export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const { tls = 'none' } = options;
  const mails: SunkMail[] = [];
  const port = options.port ?? (await freePort());
  const server = new SMTPServer({
    ...serverOptions(options),
    onData: callbackify(async (stream: Readable, { envelope }: SMTPServerSession) => {
      const raw = (await buffer(stream)).toString('latin1');
      const { mailFrom, rcptTo } = envelope;
      const from = mailFrom === false ? '' : mailFrom.address;
      mails.push({ from, to: rcptTo.map(({ address }) => address), raw, ...readMail(raw) });
    }),
  });
  // A client that hangs up in the middle is no fault of the sink; the test sees it at the client.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://${login(options)}127.0.0.1:${port}`,
    port,
    mails,
    mailTo: (recipient) =>
      waitFor(`a mail to ${recipient} has arrived`, () => mails.find(({ to }) => to.includes(recipient))),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function serverOptions({ tls, credentials, refuse }: SmtpSinkOptions): SMTPServerOptions {
  return {
    // It would only warn of its own certificate, which is the one that is wanted here.
    logger: false,
    secure: tls === 'implicit',
    hideSTARTTLS: tls !== 'starttls',
    disabledCommands: [
      ...(tls === 'starttls' ? [] : (['STARTTLS'] as const)),
      ...(credentials === undefined ? (['AUTH'] as const) : []),
    ],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    authOptional: credentials === undefined,
    onAuth({ username, password }, _session, done) {
      const fits = username === credentials?.username && password === credentials?.password;
      if (fits) done(null, { user: username });
      else done(Object.assign(new Error('Wrong name or password'), { responseCode: 535 }));
    },
    onRcptTo({ address }, _session, done) {
      const why = refuse?.(address);
      if (why === undefined) done();
      else done(Object.assign(new Error(why), { responseCode: 550 }));
    },
  };
}

function login({ credentials }: SmtpSinkOptions): string {
  if (credentials === undefined) return '';
  return `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`;
}
