import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { type PublicKey, toPublicKey } from '../keys/public-key.ts';
import type { SigningKeyStore } from '../keys/signing-key.ts';

export interface KeyRouteDeps {
  signingKeys: Pick<SigningKeyStore, 'load'>;
  cursors: Cursors;
}

const oneKey = z.strictObject({ kid: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) });

const keyView = z
  .strictObject({
    kid: z.string(),
    use: z.literal('sig').meta({ description: 'RFC 7517 4.2; all of these sign.' }),
    algorithms: z.array(z.string()).meta({ description: 'What it signs with (RFC 7518 3.1, RFC 8037).' }),
    purpose: z.enum(['rsa', 'es256', 'eddsa']),
    status: z.literal('active').meta({ description: 'It signs, and is in the JWKS.' }),
    created_at: z.int().meta({ description: 'Seconds since 1970.' }),
    jwk: z
      .record(z.string(), z.string())
      .meta({ description: 'The public part (RFC 7517); never the private one.' }),
  })
  .meta({ id: 'Key' });

/** `keys` of the admin API: what this server signs with. */
export function makeKeyRoutes(deps: KeyRouteDeps): Route[] {
  return [listKeys(deps), readKey(deps)];
}

const listKeys = ({ signingKeys, cursors }: KeyRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/keys',
    operationId: 'listKeys',
    scope: 'keys:read',
    summary: 'The signing keys, oldest first, without their private parts',
    params: noParameters,
    query: z.strictObject(pageQuery),
    body: noBody,
    success: { status: 200, description: 'A page of keys', schema: pageOf(keyView) },
    errors: ['invalid_cursor'],
    async handle({ query: { after, limit } }) {
      const keys = (await signingKeys.load()).map(toPublicKey);
      const page = async (place: string | undefined) => {
        const start = place === undefined ? 0 : keys.findIndex(({ kid }) => kid === place) + 1;
        const items = keys.slice(start, start + limit);
        return { items, next: start + limit < keys.length ? (items.at(-1)?.kid ?? null) : null };
      };
      return { status: 200, body: await readPage(cursors, 'keys', after, page, showKey) };
    },
  });

const readKey = ({ signingKeys }: KeyRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/keys/{kid}',
    operationId: 'readKey',
    scope: 'keys:read',
    summary: 'One signing key, without its private part',
    params: oneKey,
    missing: 'key_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The key', schema: keyView },
    errors: ['key_not_found'],
    async handle({ params }) {
      const key = (await signingKeys.load()).find(({ kid }) => kid === params.kid);
      if (key === undefined) throw new AppError('key_not_found');
      return { status: 200, body: showKey(toPublicKey(key)) };
    },
  });

function showKey({ kid, purpose, algorithms, createdAt, jwk }: PublicKey): z.output<typeof keyView> {
  return {
    kid,
    use: 'sig',
    algorithms: [...algorithms],
    purpose,
    status: 'active',
    created_at: Math.floor(createdAt.getTime() / 1000),
    jwk,
  };
}
