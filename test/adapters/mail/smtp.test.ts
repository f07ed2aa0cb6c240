import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeSmtpMailer, type SmtpMailer } from '../../../adapters/mail/smtp.ts';
import { freePort } from '../../support/free-port.ts';
import { type SmtpSinkOptions, startSmtpSink } from '../../support/smtp-sink.ts';

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

  const startSink = async (options: SmtpSinkOptions = {}) => {
    const sink = await startSmtpSink(options);
    toClose.push(() => sink.close());
    return sink;
  };
  const connect = (url: string): SmtpMailer => {
    const mailer = makeSmtpMailer({ url, from: 'Gatehouse <no-reply@id.example>', timeout: 2000 });
    toClose.push(() => mailer.close());
    return mailer;
  };

  it('delivers text and html to the one recipient', async () => {
    const { url, mails } = await startSink();
    await connect(url).send(aMail);
    expect(mails).toMatchObject([
      { from: 'no-reply@id.example', to: ['someone@example.com'], subject: 'Grüße' },
    ]);
    expect(mails[0]?.headers.get('from')).toBe('Gatehouse <no-reply@id.example>');
    expect(mails[0]?.headers.get('to')).toBe('someone@example.com');
    expect(mails[0]?.text.trim()).toBe('Plain text');
    expect(mails[0]?.html.trim()).toBe('<p>Rich text</p>');
  });

  it.each(['starttls', 'implicit'] as const)(
    'signs in with the credentials of the URL over TLS (%s)',
    async (tls) => {
      const { url, mails } = await startSink({
        tls,
        credentials: { username: 'us@er', password: 'p@ss:word' },
      });
      const mailer = connect(url);
      await mailer.verify();
      await mailer.send(aMail);
      expect(mails).toHaveLength(1);
    },
  );

  it('says so when the password is wrong', async () => {
    const { port } = await startSink({
      tls: 'implicit',
      credentials: { username: 'user', password: 'right' },
    });
    await expect(connect(`smtps://user:wrong@127.0.0.1:${port}`).verify()).rejects.toMatchObject({
      code: 'EAUTH',
    });
  });

  it('rejects when the server refuses the recipient', async () => {
    const { url, mails } = await startSink({ refuse: () => 'No such mailbox' });
    await expect(connect(url).send(aMail)).rejects.toThrow('No such mailbox');
    expect(mails).toEqual([]);
  });

  // 0.0.0.0 leads to this machine without being a loopback address.
  it('does not send in the clear to a server that is not on loopback', async () => {
    const { port, mails } = await startSink({ tls: 'none' });
    await expect(connect(`smtp://0.0.0.0:${port}`).send(aMail)).rejects.toMatchObject({ code: 'ETLS' });
    expect(mails).toEqual([]);
  });

  it.each([
    ['smtp', 'starttls'],
    ['smtps', 'implicit'],
  ] as const)(
    'does not accept a certificate of nobody over %s from a server that is not on loopback',
    async (scheme, tls) => {
      const { port, mails } = await startSink({ tls });
      await expect(connect(`${scheme}://0.0.0.0:${port}`).send(aMail)).rejects.toThrow(/certificate/);
      expect(mails).toEqual([]);
    },
  );

  it.each([
    'a@example.com, b@example.org',
    'a@example.com\r\nBcc: b@example.org',
    '"b@example.org x"@example.com',
    'Name <a@example.com>',
    'group: a@example.com, b@example.com;',
    '',
  ])('sends nothing to %j, which is not one address', async (to) => {
    const { url, mails } = await startSink();
    await expect(connect(url).send({ ...aMail, to })).rejects.toThrow('not one single address');
    expect(mails).toEqual([]);
  });

  it('keeps a line break in the subject inside the subject', async () => {
    const { url, mails } = await startSink();
    await connect(url).send({ ...aMail, subject: 'Hello\r\nBcc: other@example.org\r\n\r\nbody' });
    expect(mails).toMatchObject([{ to: ['someone@example.com'] }]);
    expect(mails[0]?.headers.has('bcc')).toBe(false);
  });

  it('gives up on a server that does not greet', async () => {
    const silent = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    toClose.push(() => new Promise((resolve) => silent.close(() => resolve())));
    const mailer = makeSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'a@id.example', timeout: 200 });
    toClose.push(() => mailer.close());
    await expect(mailer.send(aMail)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('says that nobody listens', async () => {
    const port = await freePort();
    await expect(connect(`smtp://127.0.0.1:${port}`).verify()).rejects.toThrow('ECONNREFUSED');
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
