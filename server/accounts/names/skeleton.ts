import { foldLoginName } from '../account.ts';
import { confusableForms } from './confusable-forms.ts';

const toText = (codes: string): string =>
  String.fromCodePoint(...codes.split('+').map((code) => Number.parseInt(code, 16)));

const forms: ReadonlyMap<string, string> = new Map(
  confusableForms.split(' ').map((pair): [string, string] => {
    const [from = '', to = ''] = pair.split('=');
    return [toText(from), toText(to)];
  }),
);

/** Unicode full case folding, as far as JavaScript has it: upper case maps what lower case leaves apart (ß, ſ, ς). */
const foldCase = (text: string): string =>
  text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');

/** One character may look like several, and those like others: three rounds reach what stays. */
const rounds = 3;

/**
 * What a user name looks like (UTS #39, 4: the skeleton, of the name in full case folding): two names with one skeleton can
 * hardly be told apart. For comparing only, never to be shown.
 */
export function skeletonOf(username: string): string {
  let text = foldCase(foldLoginName(username));
  for (let round = 0; round < rounds; round += 1) {
    const mapped = Array.from(text.normalize('NFD'), (letter) => forms.get(letter) ?? letter).join('');
    text = foldCase(mapped.normalize('NFD'));
  }
  return text.normalize('NFC');
}
