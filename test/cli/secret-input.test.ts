import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readSecret } from '../../server/cli/secret-input.ts';

/** A terminal on which `keys` are typed. */
function aTerminal(...keys: string[]) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => modes.push(raw),
  });
  for (const key of keys) input.write(key);
  const shown = new PassThrough();
  return { modes, shown, terminal: { in: input, out: new PassThrough(), err: shown } };
}

describe('a secret on a terminal', () => {
  it('is asked for, typed without being shown, and ended with Enter', async () => {
    const { terminal, shown, modes } = aTerminal('canx', '\u007f', 'ary ü', '\r', 'more');
    await expect(readSecret(terminal, 'password', { passwordStdin: true })).resolves.toBe('canary ü');
    expect(String(shown.read())).toBe('password: \n');
    expect(modes).toEqual([true, false]);
  });

  it('leaves the terminal as it was when it is interrupted', async () => {
    const { terminal, modes } = aTerminal('can', '\u0003');
    await expect(readSecret(terminal, 'password', { passwordStdin: true })).rejects.toThrow('Interrupted.');
    expect(modes).toEqual([true, false]);
  });

  it('is not asked for when no option wants it', async () => {
    const { terminal, shown } = aTerminal();
    await expect(readSecret(terminal, 'password', {})).resolves.toBeUndefined();
    expect(shown.read()).toBeNull();
  });
});

describe('a secret in a file', () => {
  it('is refused with the path and the reason when it cannot be read', async () => {
    const { terminal } = aTerminal();
    await expect(readSecret(terminal, 'secret', { secretFile: '/nowhere/secret' })).rejects.toMatchObject({
      message: 'The file /nowhere/secret cannot be read (ENOENT).',
      exitCode: 1,
    });
  });
});
