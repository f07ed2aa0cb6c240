import { createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeSmtpMailer, type SmtpMailer, type SmtpOptions } from '../../../adapters/mail/smtp.ts';
import { MailRefused } from '../../../server/outbox/mail.ts';
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
  const connect = (url: string, options: Partial<SmtpOptions> = {}): SmtpMailer => {
    const mailer = makeSmtpMailer({
      url,
      from: 'Gatehouse <no-reply@id.example>',
      timeout: 2000,
      ...options,
    });
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

  it('sends to an internationalised domain in its A-labels, to one recipient', async () => {
    const { url, mails } = await startSink();
    await connect(url).send({ ...aMail, to: 'Name@bücher.example' });
    // The sink shows recipients as they are written; what came over the wire stands in the header.
    expect(mails.map(({ to }) => to)).toEqual([['Name@bücher.example']]);
    expect(mails[0]?.headers.get('to')).toBe('Name@xn--bcher-kva.example');
    expect(mails[0]?.raw).not.toContain('b\u00c3\u00bccher');
  });

  it('is known again when it is delivered twice, and asks for no answer', async () => {
    const { url, mails } = await startSink();
    const mailer = connect(url, { host: 'id.example' });
    for (let time = 0; time < 2; time += 1) await mailer.send({ ...aMail, id: 'mail-1' });
    expect(mails.map(({ headers }) => headers.get('message-id'))).toEqual([
      '<mail-1@id.example>',
      '<mail-1@id.example>',
    ]);
    for (const { headers } of mails) {
      expect(headers.get('auto-submitted')).toBe('auto-generated');
      expect(Date.parse(headers.get('date') ?? '')).not.toBeNaN();
      expect(headers.has('list-unsubscribe')).toBe(false);
      expect(headers.get('content-type')).toContain('multipart/alternative');
    }
  });

  it('shows the name of the service where the sender has none', async () => {
    const { url, mails } = await startSink();
    await connect(url, { from: 'no-reply@id.example', senderName: 'Bücher, GmbH' }).send(aMail);
    await connect(url, { from: '<no-reply@id.example>', senderName: 'Shop' }).send(aMail);
    expect(mails.map(({ from }) => from)).toEqual(['no-reply@id.example', 'no-reply@id.example']);
    expect(mails[0]?.headers.get('from')).toMatch(/=\?UTF-8\?.* <no-reply@id\.example>/);
    expect(mails[1]?.headers.get('from')).toBe('Shop <no-reply@id.example>');
  });

  it.each([
    ['the subject', { subject: 'Hello\r\nBcc: evil@example.org' }],
    ['the recipient', { to: 'someone@example.com\r\nBcc: evil@example.org' }],
    ['the name of the service', { senderName: 'Shop\r\nBcc: evil@example.org' }],
  ])('takes no header out of %s', async (_what, { senderName, ...changes }: Record<string, string>) => {
    const { url, mails } = await startSink();
    const mailer = connect(url, {
      from: 'no-reply@id.example',
      ...(senderName === undefined ? {} : { senderName }),
    });
    await mailer.send({ ...aMail, ...changes }).catch(() => {});
    for (const { headers, to } of mails) {
      expect(headers.has('bcc')).toBe(false);
      expect(to).toEqual(['someone@example.com']);
    }
  });

  it('gives up what the server refuses for good, and nothing else', async () => {
    const { url } = await startSink({ refuse: () => 'No such mailbox here' });
    await expect(connect(url).send(aMail)).rejects.toBeInstanceOf(MailRefused);
    const gone = await startSink();
    await gone.close();
    const failure = await connect(gone.url)
      .send(aMail)
      .catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(MailRefused);
  });

  it.each<[string, Partial<SmtpOptions>, 'none' | 'starttls', boolean]>([
    ['refuses clear text where TLS is required', { tls: 'required' }, 'none', false],
    ['refuses a certificate that fits nobody where TLS is required', { tls: 'required' }, 'starttls', false],
    ['takes it where any will do', { tls: 'required', allowUnverified: true }, 'starttls', true],
    ['goes in clear text to this machine', { tls: 'off-for-loopback' }, 'none', true],
    ['goes in clear text where nothing else is offered', { tls: 'opportunistic' }, 'none', true],
    ['refuses a bad certificate rather than go on without', { tls: 'opportunistic' }, 'starttls', false],
  ])('%s', async (_what, options, tls, arrives) => {
    const { url, mails } = await startSink({ tls });
    const sent = await connect(url, options)
      .send(aMail)
      .then(
        () => true,
        () => false,
      );
    expect([sent, mails.length]).toEqual([arrives, arrives ? 1 : 0]);
  });

  it('signs for a domain that has a key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { url, mails } = await startSink();
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const dkim = { domain: 'id.example', selector: 'gate', privateKey: pem };
    await connect(url, { dkim }).send(aMail);
    const signature = mails[0]?.headers.get('dkim-signature') ?? '';
    expect(signature).toMatch(/d=id\.example;.*s=gate;/);
    expect(signature).toMatch(/h=from:/i);
    expect(verifyDkim(mails[0]?.raw ?? '', publicKey)).toBe(true);
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

/** RFC 6376 3.4.2, 6.1.3: the signature over the named header fields, in relaxed form. */
function verifyDkim(raw: string, key: KeyObject): boolean {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  const fields = new Map(
    head.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase().trim(), line]),
  );
  const relaxed = (line: string): string => {
    const [name = '', ...rest] = line.split(':');
    return `${name.toLowerCase().trim()}:${rest.join(':').replaceAll(/\s+/g, ' ').trim()}`;
  };
  const signature = fields.get('dkim-signature') ?? '';
  const names = /[;\s]h=([^;]+)/.exec(signature)?.[1]?.replaceAll(/\s/g, '').split(':') ?? [];
  const signed = [
    ...names.flatMap((name) => fields.get(name.toLowerCase()) ?? []),
    signature.replace(/b=[A-Za-z0-9+/=\s]+$/, 'b='),
  ].map(relaxed);
  const value = /[;\s]b=([A-Za-z0-9+/=\s]+)$/.exec(signature)?.[1]?.replaceAll(/\s/g, '') ?? '';
  return createVerify('sha256').update(signed.join('\r\n')).verify(key, value, 'base64');
}
