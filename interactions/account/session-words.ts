import type { MessageKey, Words } from '../../server/http/words.ts';
import type { Device } from '../../server/sessions/device.ts';
import type { Place } from '../../server/sessions/list-sessions.ts';
import { readSupportMark } from '../../server/support-mark.ts';

/** A device in words, by what its browser says of itself. */
export function deviceWords({ browser, system }: Device): Words {
  if (browser !== null && system !== null) return { key: 'device_is.both', params: { browser, system } };
  const only = browser ?? system;
  return only === null ? { key: 'device_is.unknown' } : { text: only };
}

/** A place in words, or nothing. */
export function placeWords(place: Place | null): Words | null {
  const parts = [place?.city, place?.country].filter((part) => part !== undefined && part !== null);
  return parts.length === 0 ? null : { text: parts.join(', ') };
}

/** Methods of RFC 8176 that have words; the strongest that was used is told. */
const methods: readonly { amr: string; words: MessageKey }[] = [
  { amr: 'hwk', words: 'account.how.passkey' },
  { amr: 'swk', words: 'account.how.passkey' },
  { amr: 'mfa', words: 'account.how.two' },
  { amr: 'otp', words: 'account.how.two' },
  { amr: 'pwd', words: 'account.how.pwd' },
];

/** How somebody signed in, in words. */
export const methodWords = (amr: readonly string[]): MessageKey =>
  readSupportMark(amr) === undefined ? wordsOf(amr) : 'account.how.support';

const wordsOf = (amr: readonly string[]): MessageKey =>
  methods.find((method) => amr.includes(method.amr))?.words ?? 'account.how.unknown';
