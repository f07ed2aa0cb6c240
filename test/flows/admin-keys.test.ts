import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { pagesOf } from './admin-fixture.ts';

describe('the signing keys, in the admin API', () => {
  let server: RunningGatehouse;
  beforeAll(async () => {
    server = await startGatehouse();
  });
  afterAll(() => server.dispose());

  const readers = async () => ({ authorization: `Bearer ${await server.adminToken(['keys:read'])}` });

  it('are those of the JWKS, in their public part alone', async () => {
    const jwks = (await (await fetch(`${server.issuer}/oauth2/jwks`)).json()) as { keys: { kid: string }[] };
    const { status, body } = await server.admin('GET', 'keys', undefined, await readers());
    expect(status).toBe(200);
    const items = body.items ?? [];
    const byKid = (a: { kid?: unknown }, b: { kid?: unknown }) => (String(a.kid) < String(b.kid) ? -1 : 1);
    expect(items.map(({ jwk }) => jwk as { kid: string }).toSorted(byKid)).toEqual(jwks.keys.toSorted(byKid));
    for (const secret of ['"d"', '"p"', '"q"', '"dp"', '"dq"', '"qi"', '"k"'])
      expect(JSON.stringify(body)).not.toContain(`${secret}:`);
    expect(items.map(({ purpose, algorithms }) => [purpose, algorithms])).toEqual(
      expect.arrayContaining([
        ['rsa', ['RS256', 'PS256']],
        ['es256', ['ES256']],
        ['eddsa', ['EdDSA']],
      ]),
    );
  });

  it('come in pages', async () => {
    const pages = [];
    for await (const page of pagesOf(server, 'keys', 'limit=2')) pages.push(page);
    expect(pages.map((page) => page.length)).toEqual([2, 1]);
    expect(new Set(pages.flat().map(({ kid }) => kid)).size).toBe(3);
    await expect(server.admin('GET', 'keys?after=x')).resolves.toMatchObject({
      status: 400,
      body: { code: 'invalid_cursor' },
    });
  });

  it('are read one by one, and no id of anything else is one', async () => {
    const [first] = (await server.admin('GET', 'keys')).body.items ?? [];
    await expect(server.admin('GET', `keys/${String(first?.kid)}`)).resolves.toMatchObject({
      status: 200,
      body: first,
    });
    for (const kid of ['nothing', server.bootstrap.clientId, 'a'.repeat(200)])
      await expect(server.admin('GET', `keys/${encodeURIComponent(kid)}`)).resolves.toMatchObject({
        status: 404,
      });
  });

  it('are for those who may read keys', async () => {
    const others = { authorization: `Bearer ${await server.adminToken(['clients:write'])}` };
    await expect(server.admin('GET', 'keys', undefined, others)).resolves.toMatchObject({ status: 403 });
  });
});
