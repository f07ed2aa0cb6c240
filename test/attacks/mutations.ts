const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A token as it comes when something on its way has gone wrong, or somebody has tried: each is another text than the token. */
export function mutationsOf(token: string): string[] {
  const changed = token
    .split('')
    .flatMap((character, index) =>
      [swapCase(character), flipBit(character, 1), flipBit(character, 32)].map(
        (other) => token.slice(0, index) + other + token.slice(index + 1),
      ),
    );
  const framed = ['=', '==', '.', '%00', '\0', ' ', '\n', '\t', 'A'].flatMap((pad) => [
    token + pad,
    pad + token,
  ]);
  const rest = [
    token.slice(1),
    token.slice(0, -1),
    token.toLowerCase(),
    `${token}${token}`,
    `${token}.${token}`,
  ];
  return [...new Set([...changed, ...framed, ...rest])].filter((mutation) => mutation !== token);
}

function swapCase(character: string): string {
  const upper = character.toUpperCase();
  return character === upper ? character.toLowerCase() : upper;
}

/** The character of base64url that stands for the same six bits but this one. */
function flipBit(character: string, bit: number): string {
  return alphabet[alphabet.indexOf(character) ^ bit] ?? '';
}
