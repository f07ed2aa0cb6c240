import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  redactFacts,
  redactIdentifier,
  redactText,
  redactUri,
} from '../../../../server/clients/refusals/redact.ts';

const secret = fc
  .uint8Array({ minLength: 32, maxLength: 48 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));

describe('what is kept of a refused request', () => {
  it('has no secret of ours in it, wherever somebody has put it', () => {
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const text = `${before} ${value} ${after}`;
        const shown = [
          redactText(text),
          redactUri(`https://me:${value}@app.example/${value}?code=${value}&${value}#${value}`),
          redactIdentifier(value),
          ...Object.values(redactFacts({ scope: text, client_id: value, said: text, audience: value })),
        ];
        for (const one of shown) expect(one).not.toContain(value.slice(2, 22));
      }),
    );
  });

  it('has no JWT in it, whole or in part', () => {
    const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.${randomBytes(64).toString('base64url')}`;
    expect(redactText(`token ${jwt}!`)).toBe('token ***!');
    expect(redactFacts({ key_id: jwt })).toEqual({ key_id: '***' });
  });

  it('can be stored and stays short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const shown = redactText(text);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/\p{Cc}/u);
        expect(shown.length).toBeLessThanOrEqual(201);
      }),
    );
    expect(redactText('a\0b\ud800')).toBe('a\ufffdb\ufffd');
  });

  it.each([
    [
      'names of parameters without values',
      'https://app.example/cb?code=abc&x',
      'https://app.example/cb?code=***&x=***',
    ],
    ['no credentials', 'https://me:pass@app.example/', 'https://***@app.example/'],
    ['no fragment', 'https://app.example/#token', 'https://app.example/#***'],
    [
      'long words',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
  ])('has %s', (_what, uri, shown) => {
    expect(redactUri(uri)).toBe(shown);
  });

  it('shows values that the operator has registered as they are', () => {
    const known = 'https://app.example/cb/0123456789abcdef0123456789abcdef?tenant=a';
    expect(redactUri(known.replace('app', 'api'), known)).toBe(known.replace('app', 'api'));
    expect(redactUri('https://app.example/cb?tenant=b', known)).toBe('https://app.example/cb?tenant=***');
  });

  it.each([
    'photo-album',
    'Zm9vYmFyYmF6cXV4MDEyMw',
    '8f14e45f-ceea-467f-a8d2-1b2c3d4e5f60',
    'my-very-long-application-name',
  ])('has the id %s of a client', (id) => {
    expect(redactIdentifier(id)).toBe(id);
  });
});
