import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aHouse, run } from './fake-house.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

const operator = { kind: 'operator', id: 'root' };
const aClient = ['client', 'create', '--id', 'a', '--redirect-uri', 'https://a.example/cb'];

function aFile(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('gatehouse client create', () => {
  it('shows the client and its secret, and says that it does so once', async () => {
    const { house, asked } = aHouse();
    const uris = ['https://shop.example/cb', 'https://shop.example/other'];
    const options = uris.flatMap((uri) => ['--redirect-uri', uri]);
    const args = ['client', 'create', '--id', 'shop', '--name', 'Shop', ...options];
    const { code, out, err } = await run(house, args);
    expect([code, err]).toEqual([0, 'The secret is shown this once.\n']);
    expect(out.split('\n')).toEqual([
      'client_id            shop',
      'client_id_issued_at  2026-01-02T03:04:05.000Z',
      'client_name          Shop',
      'redirect_uris        https://shop.example/cb https://shop.example/other',
      'client_secret        made-secret',
      '',
    ]);
    const body = { client_id: 'shop', client_name: 'Shop', redirect_uris: uris };
    expect(asked).toEqual([{ body, by: operator, secret: undefined }]);
  });

  it.each([
    ['web', {}],
    ['spa', { token_endpoint_auth_method: 'none' }],
    ['native', { token_endpoint_auth_method: 'none', application_type: 'native' }],
    ['service', { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
  ])('knows what the type %s means', async (type, metadata) => {
    const { house, asked } = aHouse();
    await run(house, ['client', 'create', '--id', 'a', '--type', type]);
    expect(asked[0]?.body).toEqual({ client_id: 'a', ...metadata });
  });

  it('takes metadata from a file or standard input, with options above it', async () => {
    const metadata = '{"client_id":"a","client_name":"From the file","logo_uri":"https://a.example/logo"}';
    for (const [path, input] of [
      [aFile('metadata.json', metadata), ''],
      ['-', metadata],
    ] as const) {
      const { house, asked } = aHouse();
      const options = ['--name', 'From the option', '--skip-consent'];
      const { code } = await run(house, ['client', 'create', '--metadata-file', path, ...options], input);
      expect(code).toBe(0);
      expect(asked[0]?.body).toEqual({
        client_id: 'a',
        client_name: 'From the option',
        logo_uri: 'https://a.example/logo',
        skip_consent: true,
      });
    }
  });

  it.each([
    ['standard input', () => ['--secret-stdin'], 'own-canary-secret\n'],
    ['a file', () => ['--secret-file', aFile('secret', 'own-canary-secret\n')], ''],
  ])('takes a secret from %s, drops its line end, and does not repeat it', async (_where, options, input) => {
    const { house, asked } = aHouse();
    const { code, out, err } = await run(house, [...aClient, ...options()], input);
    expect([code, err]).toEqual([0, '']);
    expect(asked[0]?.secret).toBe('own-canary-secret');
    expect(out).not.toContain('canary');
  });

  it.each([
    ['not JSON', '{', 'The metadata is not valid JSON. Nothing was changed.\n'],
    ['no object', '[]', 'The metadata is not a JSON object. Nothing was changed.\n'],
    ['refused', '{"client_uri":"bad"}', 'The client was not created.\n  client_uri: Use https.\n'],
  ])('tells why when the metadata is %s', async (_what, input, err) => {
    const { house } = aHouse();
    const ended = await run(house, ['client', 'create', '--metadata-file', '-'], input);
    expect(ended).toEqual({ code: 1, out: '', err });
  });

  it('refuses an id that is taken', async () => {
    const { house } = aHouse();
    await run(house, aClient);
    const err = 'A client with this client_id exists already. Nothing was changed.\n';
    expect(await run(house, aClient)).toEqual({ code: 1, out: '', err });
  });
});

describe('gatehouse client list, show and delete', () => {
  it('show tables and pairs to people, documents to programs', async () => {
    const { house } = aHouse();
    await run(house, ['client', 'create', '--id', 'shop', '--name', 'Shop', '--type', 'service']);
    const table = await run(house, ['client', 'list']);
    expect(table.out).toBe(
      'CLIENT_ID  NAME  GRANTS              REDIRECT URIS\nshop       Shop  client_credentials\n',
    );
    const list = await run(house, ['client', 'list', '--json']);
    expect(JSON.parse(list.out)).toMatchObject({ items: [{ client_id: 'shop' }], next: null });
    const shown = await run(house, ['client', 'show', 'shop']);
    expect(shown.out).toMatch(/^grant_types +client_credentials$/m);
    expect(shown.out).not.toContain('redirect_uris');
  });

  it('let no name of a client move the cursor', async () => {
    const { house } = aHouse();
    await run(house, [...aClient, '--name', 'evil\u001b[2J\nforged']);
    for (const args of [
      ['client', 'list'],
      ['client', 'show', 'a'],
      ['client', 'list', '--json'],
    ]) {
      const { out } = await run(house, args);
      expect(out).not.toContain('\u001b');
      expect(out).not.toContain('\nforged');
    }
    const { out } = await run(house, ['client', 'show', 'a', '--json']);
    expect(JSON.parse(out).client_name).toBe('evil\u001b[2J\nforged');
  });

  it('delete a client, and refuse what cannot be deleted', async () => {
    const { house } = aHouse();
    await run(house, aClient);
    expect(await run(house, ['client', 'delete', 'a'])).toEqual({ code: 0, out: 'Deleted a.\n', err: '' });
    expect(await run(house, ['client', 'delete', 'a'])).toEqual({
      code: 1,
      out: '',
      err: 'No such client.\n',
    });
    expect((await run(house, ['client', 'delete', 'gatehouse-account'])).code).toBe(1);
    expect((await run(house, ['client', 'show', 'a'])).code).toBe(1);
  });
});
