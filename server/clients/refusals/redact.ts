import type { Facts } from './kinds.ts';

const longest = 200;
/** What a secret, a code or a token looks like: long, and without the breaks that words have. */
const tokenLike = /[A-Za-z0-9_-]{20,}/g;
const jwt = /\beyJ[\w-]*(?:\.[\w-]*)*/g;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As long as the ids that this server makes, and shorter than any of its secrets. */
const longestId = 24;

const isWords = (text: string): boolean =>
  text.split(/[_-]/).every((piece) => /^(?:[A-Za-z]{1,20}|\d{1,8})$/.test(piece));

/** Without what cannot be stored or would break a line, and of a bounded length. */
function clean(text: string): string {
  const shown = text
    .slice(0, longest)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '\u{fffd}');
  return (text.length > longest ? `${shown}…` : shown).replaceAll(jwt, '***');
}

/** Text that somebody has sent, fit to be kept: nothing in it may be a secret, but what stands in `known` as well. */
export function redactText(text: string, known = ''): string {
  const hide = (run: string): string => (isWords(run) || known.includes(run) ? run : '***');
  return clean(
    text
      .slice(0, 4 * longest)
      .replaceAll(jwt, '***')
      .replaceAll(tokenLike, hide),
  );
}

/** The id of a client as somebody has sent it. People put secrets and tokens in its place: such a text is hidden. */
export function redactIdentifier(text: string): string {
  const isShort = text.length <= longestId || uuid.test(text);
  return isShort ? clean(text) : redactText(text);
}

/**
 * An address that somebody has sent: without credentials and fragment, and with the names of its parameters alone, but for
 * values that are the same in `known`, an address of the operator's own.
 */
export function redactUri(uri: string, known = ''): string {
  const [, start = '', query, hash = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(uri) ?? [];
  const pairs = new Set(known.split('?')[1]?.split('#')[0]?.split('&'));
  const masked = query
    ?.split('&')
    .map((pair) => (pairs.has(pair) ? pair : `${redactText(pair.split('=')[0] ?? '')}=***`))
    .join('&');
  const bare = redactText(start.replace(/^([^:/]*:\/\/)[^/@]*@/, '$1***@'), known);
  return `${bare}${masked === undefined ? '' : `?${masked}`}${hash === '' ? '' : '#***'}`;
}

/** Facts whose texts come from the operator, are public by their nature (the names of keys), or are redacted as what they are. */
const open: readonly string[] = [
  'sent_uri',
  'registered_uri',
  'registered_keys',
  'key_id',
  'jwks_uri',
  'expired_at',
];
const identifiers: readonly string[] = ['client_id', 'issuer'];

/** Facts as they are kept: each of them redacted once more, so that what is put in by mistake is caught. */
export function redactFacts(facts: Readonly<Record<string, string | number | undefined>>): Facts {
  const kept: Record<string, string | number> = {};
  for (const [name, fact] of Object.entries(facts)) {
    if (fact === undefined) continue;
    if (typeof fact === 'number') kept[name] = fact;
    else if (open.includes(name)) kept[name] = clean(fact);
    else kept[name] = identifiers.includes(name) ? redactIdentifier(fact) : redactText(fact);
  }
  return kept;
}
