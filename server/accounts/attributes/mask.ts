/** What a character of a mask stands for; every other one stands for itself, and so does what follows a backslash. */
const classes: Readonly<Record<string, (character: string) => boolean>> = {
  '9': (character) => /^\p{Nd}$/u.test(character) && character <= '9',
  A: (character) => /^[A-Z]$/.test(character),
  a: (character) => /^[a-z]$/.test(character),
  '*': (character) => /^[A-Za-z0-9]$/.test(character),
};

type Place = (character: string) => boolean;

/** What is wrong with a mask, in words for an operator. */
export function faultInMask(mask: string): string | undefined {
  const characters = Array.from(mask);
  if (characters.length === 0 || characters.length > 100) return 'Give 1 to 100 characters.';
  return placesOf(mask) === undefined ? 'A backslash stands before the character that it is for.' : undefined;
}

/**
 * Whether a text fits a mask, each of its characters in turn: `9` is a digit, `A` and `a` a Latin letter in that case, `*` a
 * letter or digit, all others themselves. There is nothing to repeat and nothing to try again, so the time is that of the
 * text's length, whatever an operator has written.
 */
export function fitsMask(mask: string, text: string): boolean {
  const places = placesOf(mask) ?? [];
  const characters = Array.from(text);
  return (
    characters.length === places.length && places.every((place, index) => place(characters[index] ?? ''))
  );
}

function placesOf(mask: string): Place[] | undefined {
  const places: Place[] = [];
  let isEscaped = false;
  for (const sign of mask) {
    if (!isEscaped && sign === '\\') {
      isEscaped = true;
      continue;
    }
    const place = isEscaped || !Object.hasOwn(classes, sign) ? undefined : classes[sign];
    places.push(place ?? ((character) => character === sign));
    isEscaped = false;
  }
  return isEscaped ? undefined : places;
}
