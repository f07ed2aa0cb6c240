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
    const { code, out, err } = await run(house, [
      ...['client', 'create', '--id', 'shop', '--name', 'Shop', ...options],
    ]);
    expect([code, err]).toEqual([0, 'The secret is shown this once.\n']);
    expect(out).toMatch(/^client_id +shop\n/);
    expect(out).toMatch(/^client_name +Shop$/m);
    expect(out).toMatch(/^redirect_uris +https:\/\/shop\.example\/cb https:\/\/shop\.example\/other$/m);
    expect(out).toMatch(/^client_secret +made-secret$/m);
    expect(asked).toEqual([{ by: { kind: 'operator', id: 'root' }, secret: undefined }]);
  });

  it.each([
    ['web', { token_endpoint_auth_method: 'client_secret_basic', grant_types: ['authorization_code'] }],
    ['spa', { token_endpoint_auth_method: 'none', application_type: 'web' }],
    ['native', { token_endpoint_auth_method: 'none', application_type: 'native' }],
  ])('knows what the type %s means', async (type, metadata) => {
    const { house } = aHouse();
    const { code } = await run(house, [...aClient, '--type', type, '--json']);
    expect(code).toBe(0);
    expect(await house.clients.find('a')).toMatchObject({ id: 'a', metadata });
  });

  it('knows that a service signs nobody in', async () => {
    const { house } = aHouse();
    const { code } = await run(house, ['client', 'create', '--id', 'a', '--type', 'service']);
    expect(code).toBe(0);
    expect(await house.clients.find('a')).toMatchObject({
      metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
    });
  });

  it('takes metadata from a file or standard input, with options above it', async () => {
    const metadata =
      '{"client_id":"a","client_name":"From the file","redirect_uris":["https://a.example/cb"]}';
    for (const [path, input] of [
      [aFile('metadata.json', metadata), ''],
      ['-', metadata],
    ] as const) {
      const { house } = aHouse();
      const options = ['--name', 'From the option', '--skip-consent', '--json'];
      const { code, out } = await run(
        house,
        ['client', 'create', '--metadata-file', path, ...options],
        input,
      );
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        client_id: 'a',
        client_name: 'From the option',
        redirect_uris: ['https://a.example/cb'],
        skip_consent: true,
        client_secret: 'made-secret',
      });
    }
  });

  it.each([
    ['standard input', () => ['--secret-stdin'], 'own-canary-secret\n'],
    ['a file', () => ['--secret-file', aFile('secret', 'own-canary-secret\n')], ''],
  ])('takes a secret from %s, drops its line end, and does not repeat it', async (_where, options, input) => {
    const { house, asked } = aHouse();
    const { code, out, err } = await run(house, [...aClient, ...options(), '--json'], input);
    expect(code).toBe(0);
    expect(asked[0]?.secret).toBe('own-canary-secret');
    expect(out + err).not.toContain('canary');
  });

  it.each([
    ['not JSON', '{', 'The metadata is not valid JSON. Nothing was changed.'],
    ['no object', '[]', 'The metadata is not a JSON object. Nothing was changed.'],
    ['nothing that a client can be', '{}', expect.stringContaining('redirect_uris')],
  ])('refuses metadata that is %s', async (_what, input, message) => {
    const { house } = aHouse();
    const { code, err } = await run(house, ['client', 'create', '--metadata-file', '-'], input);
    expect([code, err.trim()]).toEqual([1, message]);
  });

  it('refuses an id that is taken', async () => {
    const { house } = aHouse();
    await run(house, aClient);
    const { code, out, err } = await run(house, aClient);
    expect([code, out, err]).toEqual([
      1,
      '',
      'A client with this client_id exists already. Nothing was changed.\n',
    ]);
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
    const { house, clients } = aHouse();
    await run(house, aClient);
    const client = clients.get('a');
    if (client !== undefined) client.metadata.client_name = 'evil\u001b[2J\nforged';
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
