import { describe, expect, it } from '@jest/globals';
import { makeMailLanguages } from '../../../server/compose/mail-texts.ts';
import { composeMail } from '../../../server/outbox/compose-mail.ts';
import { mailLayouts } from '../../../server/outbox/mail-kinds.ts';

const english = makeMailLanguages()('en');
const welcome = (address: string) =>
  composeMail(
    {
      to: 'someone@example.com',
      message: { kind: 'admin_welcome', params: { address, link: 'https://id.example/auth/account' } },
    },
    english,
    'Example',
  );

describe('mail texts', () => {
  it('have a button in HTML that is a line of its own in text', () => {
    const mail = welcome('someone@example.com');
    expect(mail).toMatchObject({ to: 'someone@example.com', subject: 'Your administrator account is ready' });
    expect(mail.text).toContain(':\nhttps://id.example/auth/account\n');
    expect(mail.html).toMatch(/<a [^>]*href="https:\/\/id\.example\/auth\/account">/);
  });

  it('show what people type as text and never as markup', () => {
    const address = `"><script>alert('&')</script>@example.com`;
    const { html, text } = welcome(address);
    expect(html).not.toContain('<script>');
    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;@example.com');
    expect(text).toContain(address);
  });

  it.each(Object.entries(mailLayouts))('%s has all its words in the catalogue', (_kind, layout) => {
    const { subject, paragraphs, action, closing = [] } = layout;
    const anything = new Proxy({}, { get: () => 'x' });
    for (const key of [subject, ...paragraphs, ...(action === undefined ? [] : [action]), ...closing])
      expect(english.t(key, anything)).not.toBe('');
  });
});
