import type { Mail } from './mail.ts';
import { mailHtml } from './mail-html.ts';
import { mailLayouts } from './mail-kinds.ts';
import type { OwedMail } from './mail-queue.ts';

/** Words by their key in the catalogue of one language. */
export type Texts = (key: string, params: Record<string, string>) => string;

/** A language that mails can be written in. */
export interface Language {
  /** Its tag (RFC 5646). */
  tag: string;
  t: Texts;
}

/**
 * Puts a mail into words, as text and as HTML. What strangers wrote (names, addresses) becomes text, never markup.
 *
 * @param serviceName the name of this server for people; a parameter of every text
 */
export function composeMail({ to, message }: OwedMail, { tag, t }: Language, serviceName: string): Mail {
  const layout = mailLayouts[message.kind];
  const params = { ...message.params, service: serviceName };
  const say = (key: string): string => t(key, params);
  const link = 'link' in message.params ? message.params.link : undefined;
  const before = layout.paragraphs.map(say);
  const after = (layout.closing ?? []).map(say);
  const action =
    layout.action === undefined || link === undefined ? undefined : { label: say(layout.action), link };
  const subject = say(layout.subject).replaceAll(/\s+/g, ' ');
  const words = [...before, ...(action === undefined ? [] : [`${action.label}:\n${action.link}`]), ...after];
  return {
    to,
    subject,
    text: words.join('\n\n'),
    html: mailHtml({ lang: tag, title: subject, serviceName, before, action, after }),
  };
}
