/**
 * One spelling of a JSON value: members in the order of their names, no white space, nothing for what is undefined. What the
 * database gives back of `jsonb`, which keeps no order, has the same one as what was written.
 */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * The value as the database will give it back: what JSON cannot say is left out, and what no text of PostgreSQL can hold (NUL,
 * half of a surrogate pair) is replaced. So a stranger's spelling makes no row that cannot be written, or not be verified.
 */
export function storable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_name, member: unknown) =>
    typeof member === 'string' ? storableText(member) : member,
  );
}

export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');
