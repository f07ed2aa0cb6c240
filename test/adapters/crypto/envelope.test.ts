import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EnvelopeError, makeEnvelope, UnknownKeyError } from '../../../adapters/crypto/envelope.ts';

const one = { id: 'one', key: randomBytes(32) };
const two = { id: 'two', key: randomBytes(64) };
const envelope = makeEnvelope([one, two]);
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

describe('envelope', () => {
  it('opens what it has sealed, in any context', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plaintext, context) => {
        expect(envelope.open(envelope.seal(plaintext, context), context)).toEqual(plaintext);
      }),
    );
  });

  it('never seals the same value twice alike, and shows nothing of it', () => {
    const plaintext = Buffer.from('a private key');
    const texts = Array.from({ length: 50 }, () => envelope.seal(plaintext, 'c'));
    expect(new Set(texts).size).toBe(50);
    expect(texts.join()).not.toContain(plaintext.toString('base64url'));
  });

  it('refuses a value in another context', () => {
    fc.assert(
      fc.property(bytes, fc.string(), fc.string(), (plaintext, context, other) => {
        fc.pre(context !== other);
        expect(() => envelope.open(envelope.seal(plaintext, context), other)).toThrow(EnvelopeError);
      }),
    );
  });

  it('refuses a value in which any one bit was changed', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 0, max: 7 }), (plaintext, where, bit) => {
        const [version, id, body] = envelope.seal(plaintext, 'c').split('.');
        const sealed = Buffer.from(body ?? '', 'base64url');
        const index = where % sealed.length;
        sealed[index] = (sealed[index] ?? 0) ^ (1 << bit);
        expect(() => envelope.open(`${version}.${id}.${sealed.toString('base64url')}`, 'c')).toThrow(
          EnvelopeError,
        );
      }),
    );
  });

  it('refuses a text in which any one character was changed, added or lost', () => {
    const character = fc.constantFrom(...Array.from('ABab019-_.=+ \n'));
    fc.assert(
      fc.property(bytes, fc.nat(), character, fc.nat(2), (plaintext, where, put, kind) => {
        const text = envelope.seal(plaintext, 'c');
        const index = where % text.length;
        const changed =
          text.slice(0, index) + (kind === 0 ? '' : put) + text.slice(kind === 1 ? index : index + 1);
        fc.pre(changed !== text);
        expect(() => envelope.open(changed, 'c')).toThrow(EnvelopeError);
      }),
    );
  });

  it('seals with the first key and opens with all, so that keys can be exchanged', () => {
    const old = makeEnvelope([two]).seal(Buffer.from('x'), 'c');
    expect(envelope.open(old, 'c')).toEqual(Buffer.from('x'));
    expect(envelope.seal(Buffer.from('x'), 'c')).toMatch(/^v1\.one\./);
  });

  it('tells an unknown key by its id from a value that was changed', () => {
    const text = makeEnvelope([{ id: 'gone', key: randomBytes(32) }]).seal(Buffer.from('x'), 'c');
    const opening = () => envelope.open(text, 'c');
    expect(opening).toThrow(UnknownKeyError);
    expect(opening).toThrow(expect.objectContaining({ keyId: 'gone' }));
  });

  it('does not open with another key of the same id', () => {
    const text = makeEnvelope([{ id: 'one', key: randomBytes(32) }]).seal(Buffer.from('x'), 'c');
    expect(() => envelope.open(text, 'c')).toThrow('changed, or sealed for another place');
  });

  it.each(['', 'v1', 'v1.one.', 'v2.one.AAAA', 'v1.one.AAAA', 'plain text'])(
    'takes %j for no envelope',
    (text) => {
      expect(() => envelope.open(text, 'c')).toThrow('not an envelope');
    },
  );

  it('needs a key', () => {
    expect(() => makeEnvelope([])).toThrow('at least one key');
  });
});
