import { describe, expect, it } from '@jest/globals';
import { welcomeMail } from '../../../server/outbox/messages.ts';

describe('mail texts', () => {
  it('welcomes the administrator with a link that begins with the issuer', () => {
    const mail = welcomeMail({ to: 'someone@example.com', issuer: 'https://id.example/auth' });
    expect(mail).toMatchObject({ to: 'someone@example.com', subject: 'Your administrator account is ready' });
    expect(mail.text).toContain('https://id.example/auth/account');
    expect(mail.html).toContain('<a href="https://id.example/auth/account">');
  });

  it('shows what people type as text and never as markup', () => {
    const to = `"><script>alert('&')</script>@example.com`;
    const { html, text } = welcomeMail({ to, issuer: 'https://id.example' });
    expect(html).not.toContain('<script>');
    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;@example.com');
    expect(text).toContain(to);
  });
});
