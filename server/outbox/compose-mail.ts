import type { Mail } from './mail.ts';
import { mailLayouts } from './mail-kinds.ts';
import type { OwedMail } from './mail-queue.ts';

/** Words by their key in the catalogue of one language. */
export type Texts = (key: string, params: Record<string, string>) => string;

/**
 * Puts a mail into words, as text and as HTML. What strangers wrote (names, addresses) becomes text, never markup.
 *
 * @param t the catalogue of the language to write in
 * @param serviceName the name of this server for people; a parameter of every text
 */
export function composeMail({ to, message }: OwedMail, t: Texts, serviceName: string): Mail {
  const layout = mailLayouts[message.kind];
  const params = { ...message.params, service: serviceName };
  const say = (key: string): string => t(key, params);
  const link = 'link' in message.params ? message.params.link : undefined;
  const before = layout.paragraphs.map(say);
  const after = (layout.closing ?? []).map(say);
  const action =
    layout.action === undefined || link === undefined ? undefined : { label: say(layout.action), link };
  return {
    to,
    subject: say(layout.subject).replaceAll(/\s+/g, ' '),
    text: [...before, ...(action === undefined ? [] : [`${action.label}:\n${action.link}`]), ...after].join(
      '\n\n',
    ),
    html: page([
      ...before.map(paragraph),
      ...(action === undefined ? [] : [button(action)]),
      ...after.map(paragraph),
    ]),
  };
}

const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;

const button = ({ label, link }: { label: string; link: string }): string =>
  `<p><a href="${escapeHtml(link)}">${escapeHtml(label)}</a></p>`;

function page(blocks: string[]): string {
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<body>\n${blocks.join('\n')}\n</body>\n</html>\n`;
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
