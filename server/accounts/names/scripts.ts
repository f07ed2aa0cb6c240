/** Scripts in wide everyday use (UAX #31, table 5), by the names of the property Script. */
export const scripts = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Bopomofo',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Gujarati',
  'Gurmukhi',
  'Han',
  'Hangul',
  'Hebrew',
  'Hiragana',
  'Kannada',
  'Katakana',
  'Khmer',
  'Lao',
  'Latin',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
] as const;

type Script = (typeof scripts)[number];

/** Scripts that are written together and count as one (UTS #39, 5.1: Han with its companions). */
const together: readonly (readonly Script[])[] = [
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Hangul'],
  ['Han', 'Bopomofo'],
];

const tests = scripts.map((script) => ({ script, test: new RegExp(`\\p{scx=${script}}`, 'u') }));
const ofAll = /[\p{Script=Common}\p{Script=Inherited}]/u;

/**
 * Whether all letters of a name are of one script, or of scripts that are written together (UTS #39, 5.1, single script).
 * Digits, dots and the like belong to every script.
 */
export function isOfOneScript(name: string): boolean {
  const letters = Array.from(name).filter((letter) => !ofAll.test(letter));
  const writes = (group: readonly string[]) =>
    letters.every((letter) => tests.some(({ script, test }) => group.includes(script) && test.test(letter)));
  return [...scripts.map((script) => [script]), ...together].some(writes);
}
