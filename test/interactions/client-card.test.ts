import { describe, expect, it } from '@jest/globals';
import { type ClientLook, describeClient, logoOrigin, startAgainAt } from '../../interactions/client-card.ts';

function aClient(look: Partial<ClientLook>): ClientLook {
  return { clientId: 'shop', redirectUris: ['https://app.example/callback'], ...look };
}

describe('a client on a page', () => {
  it('is called by its name, or by its id when it has none', () => {
    expect(describeClient(aClient({ clientName: 'The Shop' })).name).toBe('The Shop');
    expect(describeClient(aClient({})).name).toBe('shop');
    expect(describeClient(aClient({ clientName: ' \u202e ' })).name).toBe('shop');
  });

  it('cannot turn its name around or hide parts of it', () => {
    const client = aClient({ clientName: 'gro.knab\u202e\u2066evil\u0007\u200f' });
    expect(describeClient(client).name).toBe('gro.knabevil');
  });

  it('keeps the joiners that scripts need', () => {
    const name = 'می\u200cخواهم 👩\u200d💻';
    expect(describeClient(aClient({ clientName: name })).name).toBe(name);
  });

  it('has links to the web only', () => {
    const client = aClient({
      clientUri: 'https://app.example/',
      policyUri: 'http://app.example/policy',
      tosUri: 'https://app.example/terms',
    });
    expect(describeClient(client)).toMatchObject({
      home: 'https://app.example/',
      policy: 'http://app.example/policy',
      terms: 'https://app.example/terms',
    });
    const scripted = aClient({
      clientUri: 'javascript:alert(1)',
      policyUri: 'data:text/html,x',
      tosUri: 'not an address',
    });
    expect(describeClient(scripted)).toMatchObject({ home: null, policy: null, terms: null });
  });
});

describe('the logo of a client', () => {
  it.each([
    [
      'is where the client lives',
      { clientUri: 'https://shop.example', logoUri: 'https://shop.example/l.png' },
    ],
    ['is where it takes its answers', { logoUri: 'https://app.example/l.png' }],
  ])('is shown when it %s', (_why, look) => {
    const client = aClient(look);
    expect(logoOrigin(client)).toBe(new URL(look.logoUri).origin);
    expect(describeClient(client).logo).toBe(look.logoUri);
  });

  it.each([
    ['comes from somebody else', { logoUri: 'https://bank.example/l.png' }],
    ['comes from another port', { logoUri: 'https://app.example:8443/l.png' }],
    ['comes from a host below', { logoUri: 'https://cdn.app.example/l.png' }],
    ['is not encrypted', { clientUri: 'http://shop.example', logoUri: 'http://shop.example/l.png' }],
    ['is not there', {}],
    [
      'belongs to its second redirect URI only',
      {
        redirectUris: ['https://app.example/callback', 'https://other.example/callback'],
        logoUri: 'https://other.example/l.png',
      },
    ],
  ])('is left out when it %s', (_why, look) => {
    const client = aClient(look);
    expect(logoOrigin(client)).toBeUndefined();
    expect(describeClient(client).logo).toBeNull();
  });
});

describe('starting again', () => {
  it('happens where the client registered it, which is told who we are', () => {
    const client = aClient({
      initiateLoginUri: 'https://app.example/begin?x=1',
      clientUri: 'https://app.example/',
    });
    expect(startAgainAt(client, 'https://id.example/auth')).toBe(
      'https://app.example/begin?x=1&iss=https%3A%2F%2Fid.example%2Fauth',
    );
  });

  it('happens at its home page otherwise, or nowhere', () => {
    expect(startAgainAt(aClient({ clientUri: 'https://app.example/' }), 'https://id.example')).toBe(
      'https://app.example/',
    );
    expect(startAgainAt(aClient({}), 'https://id.example')).toBeNull();
  });
});
