import { describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { startSmtpSink } from './smtp-sink.ts';

describe('the mail sink', () => {
  it('reads a mail as its reader sees it', async () => {
    const sink = await startSmtpSink();
    const transport = createTransport({ url: sink.url });
    await transport.sendMail({
      from: 'gatehouse@localhost',
      to: 'somebody@example.org',
      subject: 'Grüße, mit einem sehr langen Betreff, der auf mehr als eine Zeile der Kopfzeilen geht: Ä Ö Ü',
      text: `Öffne http://localhost:3000/verify?code=${'a'.repeat(90)}.\nDanke`,
      html: '<p>Öffne <a href="http://localhost">das</a></p>',
    });
    const mail = await sink.mailTo('somebody@example.org');
    expect(mail).toMatchObject({
      from: 'gatehouse@localhost',
      to: ['somebody@example.org'],
      subject: 'Grüße, mit einem sehr langen Betreff, der auf mehr als eine Zeile der Kopfzeilen geht: Ä Ö Ü',
      text: expect.stringContaining('Öffne http://localhost:3000/verify?code=aaa'),
      html: expect.stringContaining('<p>Öffne <a href="http://localhost">das</a></p>'),
      links: [`http://localhost:3000/verify?code=${'a'.repeat(90)}`],
    });
    transport.close();
    await sink.close();
  });

  it('refuses recipients, and senders without the right password', async () => {
    const credentials = { username: 'gate', password: 'p@ss:/word' };
    const sink = await startSmtpSink({ credentials, refuse: () => 'No such mailbox' });
    const mail = { from: 'a@localhost', to: 'b@example.org', text: '' };
    const { hostname, port } = new URL(sink.url);
    await expect(createTransport({ url: sink.url }).sendMail(mail)).rejects.toThrow(/No such mailbox/);
    await expect(
      createTransport({ host: hostname, port: Number(port), auth: { user: 'gate', pass: 'x' } }).sendMail(
        mail,
      ),
    ).rejects.toThrow(/Wrong name or password/);
    await sink.close();
  });
});
