import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { makePace } from '../../server/cli/progress.ts';

function aTerminal(isTTY: boolean) {
  const err = Object.assign(new PassThrough(), { isTTY });
  const terminal = { in: new PassThrough(), out: new PassThrough(), err };
  return { terminal, said: () => String(err.read() ?? '') };
}

describe('the pace of long work', () => {
  it('is shown on a terminal, with the rate and the time that is left, and taken away at the end', () => {
    const { terminal, said } = aTerminal(true);
    const pace = makePace(terminal, 'importing');
    pace.onProgress({ rows: 1234, bytes: 10, size: 1000 });
    // Too soon after the first.
    pace.onProgress({ rows: 1300, bytes: 20, size: 1000 });
    pace.end();
    // The line is cleared before each sight of it and at the end.
    const [, line = '', ...rest] = said().split('\r\u001b[K');
    expect(line).toMatch(/^importing 1,234 rows, [\d,∞]+ a second, \d+ s left$/);
    expect(rest).toEqual(['']);
  });

  it('has no time left to tell where nobody knows how much there is, and says nothing elsewhere', () => {
    const [shown, silent] = [aTerminal(true), aTerminal(false)];
    for (const { terminal } of [shown, silent]) {
      const pace = makePace(terminal, 'importing');
      pace.onProgress({ rows: 1, bytes: 10, size: undefined });
      pace.end();
    }
    expect(shown.said()).toMatch(/importing 1 row, [\d,∞]+ a second\r/);
    expect(silent.said()).toBe('');
  });
});
