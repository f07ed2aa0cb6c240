import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { makeProofOfWork, zeroBits } from '../../../server/accounts/bot-check.ts';
import { randomIds } from '../../../server/ids.ts';

const key = { key: randomBytes(32) };

function aBotCheck({ above = 0, bits = 8, keys = [key] } = {}) {
  let now = Date.parse('2031-01-01T00:00:00Z');
  const seen = new Set<string>();
  const botCheck = makeProofOfWork({
    keys,
    clock: { now: () => new Date(now) },
    ids: randomIds,
    above,
    bits,
    seenOnce: async (_issuer, id) => !seen.has(id) && seen.add(id) !== undefined,
  });
  return { ...botCheck, later: (seconds: number) => (now += seconds * 1000) };
}

function solve({ text, bits }: { text: string; bits: number }): string {
  for (let number = 0; ; number += 1) if (zeroBits(text, String(number)) >= bits) return String(number);
}

function challengeOf({ challenge }: ReturnType<typeof aBotCheck>) {
  const made = challenge('sign_up');
  if (made === undefined) throw new Error('there is no challenge');
  return made;
}

describe('the proof of work', () => {
  it('takes each solved challenge once', async () => {
    const check = aBotCheck();
    const made = challengeOf(check);
    const answer = { challenge: made.text, proof: solve(made) };
    await expect(check.admit('sign_up', answer)).resolves.toEqual({ kind: 'passed' });
    await expect(check.admit('sign_up', answer)).resolves.toEqual({ kind: 'needed' });
  });

  it('takes one without proof when some time has passed, for browsers without script', async () => {
    const check = aBotCheck({ bits: 24 });
    const { text: challenge } = challengeOf(check);
    await expect(check.admit('sign_up', { challenge, proof: '' })).resolves.toEqual({
      kind: 'too_early',
      seconds: 15,
    });
    check.later(15);
    await expect(check.admit('sign_up', { challenge, proof: '' })).resolves.toEqual({ kind: 'passed' });
  });

  it('takes none of another form, of another key, too old, changed or missing', async () => {
    const check = aBotCheck();
    const made = challengeOf(check);
    const answer = { challenge: made.text, proof: solve(made) };
    const needed = { kind: 'needed' };
    await expect(check.admit('forgot_password', answer)).resolves.toEqual(needed);
    const other = aBotCheck({ keys: [{ key: randomBytes(32) }] });
    await expect(other.admit('sign_up', answer)).resolves.toEqual(needed);
    const easier = made.text.replace('.8.', '.0.');
    await expect(check.admit('sign_up', { challenge: easier, proof: '1' })).resolves.toEqual(needed);
    await expect(check.admit('sign_up', { challenge: '', proof: '' })).resolves.toEqual(needed);
    check.later(1800);
    await expect(check.admit('sign_up', answer)).resolves.toEqual(needed);
  });

  it('asks for nothing until there are many forms in ten minutes, and then of that kind only', async () => {
    const check = aBotCheck({ above: 3 });
    const none = { challenge: '', proof: '' };
    for (let sent = 0; sent < 3; sent += 1)
      await expect(check.admit('sign_up', none)).resolves.toEqual({ kind: 'passed' });
    await expect(check.admit('sign_up', none)).resolves.toEqual({ kind: 'needed' });
    expect(check.challenge('forgot_password')).toBeUndefined();
    check.later(601);
    expect(check.challenge('sign_up')).toBeUndefined();
    await expect(check.admit('sign_up', none)).resolves.toEqual({ kind: 'passed' });
  });
});
