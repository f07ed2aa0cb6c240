/** Fewer letters than this are found in any random text. */
const fewestLetters = 3;
const shortestWord = 4;
/** No listed word is longer, so no longer form is looked up. */
const longestWord = 64;

const letters = /\p{L}/gu;
const around = /^([^\p{L}]*)(.*?)([^\p{L}]*)$/su;
const lookalikes: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

/** As passwords, words and names are compared. */
export function foldForComparison(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/**
 * What a folded password would be without what people add to a word to make it long enough: the word once instead of
 * repeated, without digits and signs around or between its letters, with letters for the digits and signs that look like
 * them. What has hardly a letter is not taken apart: its digits may be all the chance that there is.
 */
export function plainForms(folded: string): ReadonlySet<string> {
  const forms = new Set<string>();
  const add = (form: string): void => {
    if (form.length > longestWord) return;
    forms.add(form);
    const read = form.replaceAll(/[@431!0$57]/g, (sign) => lookalikes[sign] ?? sign);
    if (countLetters(form) >= fewestLetters) forms.add(read);
  };
  add(folded);
  for (const text of new Set([folded, ...trimmed(folded)].map(onceOf))) {
    if (countLetters(text) < fewestLetters) continue;
    for (const form of trimmed(text)) {
      if (form.length >= shortestWord) add(onceOf(form));
    }
    const bare = (text.match(letters) ?? []).join('');
    if (bare.length > shortestWord && bare.length * 2 >= text.length) add(onceOf(bare));
  }
  return forms;
}

/** The part that a text repeats, down to half of it at its end: of `abcabcab` it is `abc`. The text when it does not. */
export function onceOf(text: string): string {
  const period = periodOf(text);
  return period * 3 <= text.length * 2 ? text.slice(0, period) : text;
}

/** All ways to leave out what stands before the first and behind the last letter, but for the first and last few signs. */
function trimmed(text: string): string[] {
  const [, before = '', core = '', after = ''] = around.exec(text) ?? [];
  if (core.length > longestWord) return [];
  const heads = new Set(['', before.slice(-4)].concat(before.length <= 4 ? tailsOf(before) : []));
  const tails = new Set(headsOf(after.slice(0, 8)));
  return [...heads].flatMap((head) => [...tails].map((tail) => head + core + tail));
}

const headsOf = (text: string): string[] =>
  Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length));
const tailsOf = (text: string): string[] =>
  Array.from({ length: text.length + 1 }, (_, start) => text.slice(start));

const countLetters = (text: string): number => text.match(letters)?.length ?? 0;

/** The smallest number of places by which a text fits over itself (the failure function of Knuth, Morris and Pratt). */
function periodOf(text: string): number {
  const borders = [0];
  let border = 0;
  for (let end = 1; end < text.length; end += 1) {
    while (border > 0 && text[end] !== text[border]) border = borders[border - 1] ?? 0;
    if (text[end] === text[border]) border += 1;
    borders.push(border);
  }
  return text.length - border;
}
