import { afterEach, describe, expect, it } from '@jest/globals';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { makeSmtpMailer, type SmtpMailer } from '../../../adapters/mail/smtp.ts';

interface Received {
  from: string;
  to: string[];
  raw: string;
  secure: boolean;
  user: string | undefined;
}

const aMail = {
  to: 'someone@example.com',
  subject: 'Grüße',
  text: 'Plain text',
  html: '<p>Rich text</p>',
};

describe('SMTP mailer', () => {
  const toClose: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
  });

  /** A mail server on a free port, and what it was given. */
  async function startServer(options: SMTPServerOptions = {}) {
    const received: Received[] = [];
    const state = { connections: 0 };
    const server = new SMTPServer({
      // Its own certificate of nobody is what these tests want; false keeps it from warning of that.
      logger: false,
      authOptional: true,
      onConnect(_session, done) {
        state.connections += 1;
        done();
      },
      onAuth: ({ username, password }, _session, done) =>
        password === 'p@ss:word' ? done(null, { user: username }) : done(new Error('wrong password')),
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString('utf8'),
            secure: session.secure,
            user: session.user,
          });
          done();
        });
      },
      ...options,
    });
    server.on('error', () => {
      // A client that hangs up in the handshake; the test looks at the client's side.
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    toClose.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { port: address.port, received, state };
  }

  const connect = (url: string): SmtpMailer => {
    const mailer = makeSmtpMailer({ url, from: 'Gatehouse <no-reply@id.example>', timeout: 2000 });
    toClose.push(() => mailer.close());
    return mailer;
  };

  it('delivers text and html to the one recipient', async () => {
    const { port, received } = await startServer();
    await connect(`smtp://127.0.0.1:${port}`).send(aMail);
    expect(received).toMatchObject([{ from: 'no-reply@id.example', to: ['someone@example.com'] }]);
    const raw = received[0]?.raw ?? '';
    expect(raw).toContain('From: Gatehouse <no-reply@id.example>');
    expect(raw).toContain('To: someone@example.com');
    expect(raw).toContain('Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=');
    expect(raw).toContain('multipart/alternative');
    expect(raw).toContain('Plain text');
    expect(raw).toContain('<p>Rich text</p>');
  });

  it('signs in with the name and password of the URL and takes TLS where it is offered', async () => {
    const { port, received } = await startServer({ authOptional: false });
    const mailer = connect(`smtp://us%40er:p%40ss%3Aword@localhost:${port}`);
    await mailer.verify();
    await mailer.send(aMail);
    expect(received).toMatchObject([{ secure: true, user: 'us@er' }]);
  });

  it('talks TLS from the first byte with smtps', async () => {
    const { port, received } = await startServer({ secure: true });
    await connect(`smtps://127.0.0.1:${port}`).send(aMail);
    expect(received).toMatchObject([{ secure: true }]);
  });

  it('uses a connection again', async () => {
    const { port, received, state } = await startServer();
    const mailer = connect(`smtp://127.0.0.1:${port}`);
    for (let count = 0; count < 5; count += 1) await mailer.send(aMail);
    expect(received).toHaveLength(5);
    expect(state.connections).toBe(1);
  });

  // 0.0.0.0 leads to this machine without being a loopback address.
  it('does not send in the clear to a server that is not on loopback', async () => {
    const { port, received } = await startServer({ disabledCommands: ['STARTTLS'] });
    await expect(connect(`smtp://0.0.0.0:${port}`).send(aMail)).rejects.toThrow(/STARTTLS|502|500/);
    expect(received).toEqual([]);
  });

  it('does not accept a certificate of nobody from a server that is not on loopback', async () => {
    const { port, received } = await startServer();
    await expect(connect(`smtp://0.0.0.0:${port}`).send(aMail)).rejects.toThrow(/certificate/);
    expect(received).toEqual([]);
  });

  it.each([
    'a@example.com, b@example.org',
    'a@example.com\r\nBcc: b@example.org',
    '"b@example.org x"@example.com',
    'Name <a@example.com>',
    'group: a@example.com, b@example.com;',
    '',
  ])('sends nothing to %j, which is not one address', async (to) => {
    const { port, received } = await startServer();
    await expect(connect(`smtp://127.0.0.1:${port}`).send({ ...aMail, to })).rejects.toThrow(
      'not one single address',
    );
    expect(received).toEqual([]);
  });

  it('keeps a line break in the subject inside the subject', async () => {
    const { port, received } = await startServer();
    const subject = 'Hello\r\nBcc: other@example.org\r\n\r\nbody';
    await connect(`smtp://127.0.0.1:${port}`).send({ ...aMail, subject });
    expect(received).toMatchObject([{ to: ['someone@example.com'] }]);
    expect(received[0]?.raw).not.toMatch(/^Bcc:/m);
  });

  it('gives up on a server that does not answer', async () => {
    const { port } = await startServer({ onConnect: () => undefined });
    const mailer = makeSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'a@id.example', timeout: 200 });
    toClose.push(() => mailer.close());
    await expect(mailer.send(aMail)).rejects.toThrow(/Greeting|Timeout/i);
  });

  it.each(['http://user:secret@host', 'secret', 'smtp://', '//user:secret@host'])(
    'refuses the URL %s without repeating it',
    (url) => {
      expect(() => connect(url)).toThrow(
        new Error('the address of the mail server must begin with smtp:// or smtps:// and name a host'),
      );
    },
  );
});
