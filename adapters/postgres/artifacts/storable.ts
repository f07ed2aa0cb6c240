/** Nothing that a client may say means something when it is nested deeper; PostgreSQL's stack is finite, too. */
const deepest = 64;

/**
 * Whether PostgreSQL's jsonb can hold this value. It refuses U+0000 (22P05) and halves of surrogate pairs (22P02), which a
 * client can send in JSON, for instance in the `claims` parameter.
 */
export function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth === deepest) return false;
  // A loop: this looks at everything that is ever stored.
  for (const name of Object.keys(value))
    if (!isStorable(name) || !isStorable(Reflect.get(value, name), depth + 1)) return false;
  return true;
}
