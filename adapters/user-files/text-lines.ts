/** One line without its end, or why it cannot be read. */
export type TextLine = { number: number } & ({ text: string } | { fault: string });

/** Bytes of one line: more than any person takes, and all that is kept of a file at one time. */
const longest = 1024 * 1024;
const lineFeed = 10;

/** Splits into lines at line feeds. A line that is too long, is no UTF-8 or has a NUL is told of and does not end anything. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<TextLine> {
  let begun: Buffer[] = [];
  let length = 0;
  let number = 0;
  const take = (piece: Buffer): void => {
    length += piece.length;
    if (length <= longest) begun.push(piece);
    else begun = [];
  };
  const finish = (): TextLine => {
    number += 1;
    const line = lineOf(number, begun, length);
    begun = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      take(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  if (length > 0) yield finish();
}

function lineOf(number: number, pieces: readonly Buffer[], length: number): TextLine {
  if (length > longest) return { number, fault: `This line is longer than ${longest} bytes.` };
  try {
    // Also takes away a byte order mark.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)).replace(/\r$/, '');
    return text.includes('\0') ? { number, fault: 'There is a NUL in this line.' } : { number, text };
  } catch {
    return { number, fault: 'This line is not UTF-8.' };
  }
}
