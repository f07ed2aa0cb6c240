import type { Mail } from './mail.ts';

/** The texts of our mails. Links begin with the configured issuer, never with what a request says about its host. */

/** To the first administrator, once the account is made. */
export function welcomeMail({ to, issuer }: { to: string; issuer: string }): Mail {
  const accountPage = `${issuer}/account`;
  return {
    to,
    subject: 'Your administrator account is ready',
    text: [
      'Hello,',
      `the administrator account ${to} was just made on ${issuer}.`,
      `Your account page: ${accountPage}`,
      'If this was not you, take the server off the network: somebody else had its administrator link.',
    ].join('\n\n'),
    html: page([
      'Hello,',
      `the administrator account <strong>${escapeHtml(to)}</strong> was just made on ${escapeHtml(issuer)}.`,
      `<a href="${escapeHtml(accountPage)}">Open your account page</a>`,
      'If this was not you, take the server off the network: somebody else had its administrator link.',
    ]),
  };
}

function page(paragraphs: string[]): string {
  const body = paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n');
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<body>\n${body}\n</body>\n</html>\n`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
