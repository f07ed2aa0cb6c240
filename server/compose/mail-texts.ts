import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readMessages } from '../http/render.ts';
import { makeCatalogue } from '../http/words.ts';
import type { Language } from '../outbox/compose-mail.ts';

const views = fileURLToPath(new URL('../../views', import.meta.url));
const usual = 'en';

/**
 * The languages of mails: one for each catalogue in views/messages, read when the first mail in it is written. What a catalogue
 * does not have yet is said in English. A locale is answered by the catalogue that has most of its tag (RFC 4647 3.4).
 */
export function makeMailLanguages(folder = views): (locale: string | undefined) => Language {
  const tags = readdirSync(`${folder}/messages`)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace(/\.json$/, ''));
  const languages = new Map<string, Language>();
  const open = (tag: string): Language => {
    const messages = { ...readMessages(folder, usual), ...(tag === usual ? {} : readMessages(folder, tag)) };
    const catalogue = makeCatalogue(messages);
    return { tag, t: (key, params) => catalogue.t(key, params) };
  };
  return (locale) => {
    const tag = lookUp(tags, locale ?? usual) ?? usual;
    const known = languages.get(tag) ?? open(tag);
    languages.set(tag, known);
    return known;
  };
}

function lookUp(tags: readonly string[], locale: string): string | undefined {
  const parts = locale.replaceAll('_', '-').toLowerCase().split('-');
  for (let length = parts.length; length > 0; length -= 1) {
    const range = parts.slice(0, length).join('-');
    const found = tags.find((tag) => tag.toLowerCase() === range);
    if (found !== undefined) return found;
  }
  return undefined;
}
