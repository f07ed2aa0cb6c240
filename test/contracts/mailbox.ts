import { beforeAll, describe, expect, it } from '@jest/globals';
import { mailboxSize } from '../../adapters/postgres/stores/mailbox.ts';
import type { Mail, Mailbox, Mailer } from '../../server/outbox/mail.ts';
import { aWord } from './builders.ts';

const aMail = (overrides: Partial<Mail> = {}): Mail => ({
  to: 'someone@example.com',
  subject: 'Subject',
  text: 'Text',
  html: '<p>Text</p>',
  ...overrides,
});

/** The promises of the ports Mailer and Mailbox where one store is both. */
export function describeMailbox(name: string, open: () => { mailbox: Mailer & Mailbox }): void {
  describe(`${name}: mailbox`, () => {
    let mailbox: Mailer & Mailbox;
    beforeAll(() => {
      ({ mailbox } = open());
    });

    it('keeps mails as they were sent, newest last', async () => {
      const first = aMail({ subject: aWord(), text: 'Ünïcode 🙂\n\nsecond paragraph' });
      const second = aMail({ subject: aWord() });
      await mailbox.send(first);
      await mailbox.send(second);
      const newest = (await mailbox.list()).slice(-2);
      expect(newest).toMatchObject([first, second]);
    });

    it('finds the links of the text, each once and without the punctuation around them', async () => {
      const text = `Open https://id.example/verify?token=a-b_c&x=1, or (http://localhost:3000/a).
        Again: https://id.example/verify?token=a-b_c&x=1
        Not one: javascript:alert(1) ftp://example.com`;
      await mailbox.send(aMail({ text }));
      expect((await mailbox.list()).at(-1)?.links).toEqual([
        'https://id.example/verify?token=a-b_c&x=1',
        'http://localhost:3000/a',
      ]);
    });

    it(`keeps the newest ${mailboxSize}`, async () => {
      const subjects = Array.from({ length: mailboxSize + 3 }, (_, index) => `mail ${index}`);
      for (const subject of subjects) await mailbox.send(aMail({ subject }));
      const kept = await mailbox.list();
      expect(kept.map(({ subject }) => subject)).toEqual(subjects.slice(-mailboxSize));
    });
  });
}
