import type en from '../../views/messages/en.json';

export type MessageKey = keyof typeof en;

/** Words for a person: from the catalogue, or as somebody else wrote them (a client's name, a scope's description). */
export type Words = { key: MessageKey; params?: Record<string, string> } | { text: string };

/** A piece of a message: our own words, or a value put into them, which is set apart from its surroundings. */
export interface Segment {
  text: string;
  foreign: boolean;
}

/** Words of one language. */
export interface Catalogue {
  /** The text as one string, for attributes and titles. @throws Error when the key or a parameter is missing. */
  t(words: string | Words, params?: Record<string, string>): string;
  /** The text in pieces, so that a template can isolate what strangers wrote. */
  segments(words: string | Words, params?: Record<string, string>): Segment[];
}

export function makeCatalogue(messages: Readonly<Record<string, string>>): Catalogue {
  const segments: Catalogue['segments'] = (words, params) => {
    if (typeof words === 'string') return fill(messages, words, params ?? {});
    return 'text' in words
      ? [{ text: words.text, foreign: true }]
      : fill(messages, words.key, words.params ?? {});
  };
  return {
    segments,
    t: (words, params) =>
      segments(words, params)
        .map(({ text }) => text)
        .join(''),
  };
}

function fill(
  messages: Readonly<Record<string, string>>,
  key: string,
  params: Readonly<Record<string, string>>,
): Segment[] {
  const message = messages[key];
  if (message === undefined) throw new Error(`no message ${key} in the catalogue`);
  return message
    .split(/(\{\w+\})/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (!/^\{\w+\}$/.test(piece)) return { text: piece, foreign: false };
      const value = params[piece.slice(1, -1)];
      if (value === undefined) throw new Error(`message ${key} needs ${piece}`);
      return { text: value, foreign: true };
    });
}
