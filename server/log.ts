/**
 * Where the program tells operators what happens. One call is one entry. Fields are for what varies, so that the message
 * can be searched for; an `Error` among them is written with its stack and causes. Implementations MUST keep secrets out
 * (fields named like one are masked) and MUST let no value break out of its line.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Record<string, unknown>;

/** Control and format characters (ANSI escapes, bidirectional overrides), line and paragraph separators, half characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Plain ASCII, which nearly every entry is. */
const printable = /^[ -~]*$/;

/** Writes what could move the cursor, begin a line or hide text as `\uXXXX`, so that one entry stays one line. */
export function escapeUnprintable(text: string): string {
  if (printable.test(text)) return text;
  return text.replace(unprintable, (character) =>
    Array.from({ length: character.length }, (_, index) => hexEscape(character.charCodeAt(index))).join(''),
  );
}

function hexEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
