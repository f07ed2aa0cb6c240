import { kindsOfAuthentication } from './kinds-of-authentication.ts';
import { kindsOfRequests } from './kinds-of-requests.ts';
import { kindsOfTokens } from './kinds-of-tokens.ts';

/**
 * Every reason why a client is refused, in the words of an operator. In `cause` a part in brackets is said where the facts in
 * its braces are known.
 */
export const refusalKinds = { ...kindsOfRequests, ...kindsOfAuthentication, ...kindsOfTokens } as const;

/** Stable: operators and programs rely on it. */
export type RefusalCode = keyof typeof refusalKinds;

export const refusalCodes = Object.keys(refusalKinds) as RefusalCode[];

/** Facts of a refusal by name; nothing that is secret is among them. */
export type Facts = Readonly<Record<string, string | number>>;

/** The cause of one refusal, with what is known of it. */
export function causeOf(code: RefusalCode, facts: Facts): string {
  return refusalKinds[code].cause.replaceAll(/\[([^\]]*)\]/g, (_part, words: string) => {
    const names = [...words.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    if (!names.every((name) => Object.hasOwn(facts, name))) return '';
    return words.replaceAll(/\{(\w+)\}/g, (_place, name: string) => String(facts[name]));
  });
}

/** The cause without any facts, and the facts that it may name. */
export function generalCause(code: RefusalCode): { cause: string; facts: string[] } {
  const { cause } = refusalKinds[code];
  return {
    cause: causeOf(code, {}),
    facts: [...cause.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
  };
}
