/** Deeper, and code that walks a value by recursion could run out of stack. */
const deepest = 32;
/** More members than any body of ours has; keeps the cost of hashing chosen names small. */
const mostNames = 5_000;
/** Names that reach the prototype of an object when a value is copied carelessly. */
const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const endOfString = /["\\]/g;

/**
 * What JSON.parse would let pass, in words for the sender: too deep, too many names, a name twice (which of the two counts
 * is decided differently from parser to parser, RFC 8259 4), a dangerous name. Reads the text once, before it is parsed;
 * a text that is no JSON may pass here and fails there.
 */
export function faultInJsonText(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  let names = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
      case '[':
        open.push(text[at] === '{' ? new Set() : null);
        if (open.length > deepest) return `It is nested deeper than ${deepest} levels.`;
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const end = findEndOfString(text, at);
        const inside = open.at(-1);
        if (inside && isFollowedByColon(text, end)) {
          names += 1;
          if (names > mostNames) return `It has more than ${mostNames} names.`;
          const name = readString(text.slice(at, end));
          if (name !== undefined && forbiddenNames.has(name)) return `The name ${name} is not allowed.`;
          if (name !== undefined && inside.has(name)) return 'A name stands twice in one object.';
          if (name !== undefined) inside.add(name);
        }
        at = end - 1;
        break;
      }
      default:
    }
  }
  return undefined;
}

/** Whether every text in a parsed value can be stored: PostgreSQL has no NUL, and half a surrogate pair is no character. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isStorable(name) && isStorable(inner));
}

/** The place after the closing quote of the string that begins at `start`; the end of the text if there is none. */
function findEndOfString(text: string, start: number): number {
  let from = start + 1;
  for (;;) {
    endOfString.lastIndex = from;
    const found = endOfString.exec(text);
    if (found === null) return text.length;
    if (found[0] === '"') return found.index + 1;
    from = found.index + 2;
  }
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

/** With its escapes resolved, so that `\u0061` and `a` are the same name. */
function readString(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
