import type { BotVerdict } from '../server/accounts/bot-check.ts';
import type { Words } from '../server/http/words.ts';

/**
 * Why a form was not taken although nothing is wrong in it, in words for a person.
 *
 * @param hasPassword whether the form has one, which is to be typed again
 */
export function wordsOfVerdict(verdict: BotVerdict, { hasPassword }: { hasPassword: boolean }): Words {
  if (verdict.kind === 'too_early')
    return {
      key: hasPassword ? 'proof.too_early' : 'proof.too_early.plain',
      params: { seconds: String(verdict.seconds) },
    };
  return { key: hasPassword ? 'proof.needed' : 'proof.needed.plain' };
}
