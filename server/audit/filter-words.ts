import { descriptions } from './catalogue/catalogue.ts';

/** The type itself, or all whose names begin so, of `user.*`; undefined for what there is not. */
function typesOf(word: string): string[] | undefined {
  if (descriptions.has(word)) return [word];
  if (!word.endsWith('.*')) return undefined;
  const found = [...descriptions.keys()].filter((type) => type.startsWith(word.slice(0, -1)));
  return found.length === 0 ? undefined : found;
}

export type ReadTypes = { kind: 'read'; types: string[] } | { kind: 'unknown'; word: string };

/** Types out of a text such as `signin.failed,user.*`. */
export function readTypes(text: string): ReadTypes {
  const found = new Set<string>();
  for (const word of text.split(',').map((part) => part.trim())) {
    const types = typesOf(word);
    if (types === undefined) return { kind: 'unknown', word };
    for (const type of types) found.add(type);
  }
  return { kind: 'read', types: [...found] };
}
