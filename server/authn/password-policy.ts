import type { LoadCommonPasswords } from './common-passwords.ts';
import { foldForComparison, onceOf, plainForms } from './password-forms.ts';
import { faultInNewPassword } from './password-rules.ts';
import { withoutRuns } from './password-runs.ts';

export interface PasswordPolicyDeps {
  commonPasswords: LoadCommonPasswords;
  /** What everybody knows of this service: its name, the host of its issuer. */
  serviceWords: readonly string[];
}

/** What is known beside the new password. */
export interface PasswordSurroundings {
  /** Code points: `shortestChosenPassword`, or `shortestOperatorPassword` beside a second factor and for operators. */
  shortest: number;
  /** What others know of the person: addresses, user name, names. What is null or empty counts for nothing. */
  about?: readonly (string | null | undefined)[];
}

/**
 * What is wrong with a new password, in words for a person; nothing if it may be set. To be asked wherever one is set, by
 * whomever; never for one that is imported or typed to sign in.
 */
export type FindPasswordFault = (
  password: string,
  surroundings: PasswordSurroundings,
) => Promise<string | undefined>;

/** Words of fewer letters are in many passwords by chance. */
const shortestContextWord = 3;

/**
 * LIMITS rows 1 to 5 (NIST SP 800-63B-4 3.1.1.2, ASVS 6.2): length, then whether guessers would come to it early. No rules on
 * kinds of characters. A phrase of several listed words passes: only the whole is compared.
 */
export const makeFindPasswordFault =
  ({ commonPasswords, serviceWords }: PasswordPolicyDeps): FindPasswordFault =>
  async (password, { shortest, about = [] }) => {
    const fault = faultInNewPassword(password, shortest);
    if (fault !== undefined) return fault;
    const folded = foldForComparison(password);
    const once = onceOf(folded);
    if (once !== folded && Array.from(once).length < shortest) {
      return 'This password repeats itself, which makes it no harder to guess. Use more different words or characters.';
    }
    if (Array.from(withoutRuns(folded)).length < fewestToGuess(shortest)) {
      return 'Runs of characters, as in "aaaa", "12345" or "qwerty", are guessed first. Use more different words or characters.';
    }
    if (isOfContext(folded, [...serviceWords, ...about], shortest)) {
      return 'Most of this password is known to others: a name, an address, or the name of this service. Use words that have nothing to do with you.';
    }
    const list = await commonPasswords();
    for (const form of plainForms(folded)) {
      if (list.includes(form)) {
        return 'This is a common password or a single word with something added, and is guessed first. Use several words that have nothing to do with each other.';
      }
    }
    return undefined;
  };

/** Characters that must remain to be guessed. */
const fewestToGuess = (shortest: number): number => Math.ceil(shortest / 2);

function isOfContext(
  folded: string,
  texts: readonly (string | null | undefined)[],
  shortest: number,
): boolean {
  const words = [...new Set(texts.flatMap((text) => wordsOf(text ?? '')))].sort(
    (a, b) => b.length - a.length,
  );
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), folded);
  return rest !== folded && Array.from(withoutRuns(rest)).length < fewestToGuess(shortest);
}

/** A text and its parts, as they would stand in a password. */
function wordsOf(text: string): string[] {
  const folded = foldForComparison(text);
  const parts = folded.split(/[^\p{L}\p{N}]+/u);
  return [folded, parts.join(''), ...parts].filter((word) => Array.from(word).length >= shortestContextWord);
}
