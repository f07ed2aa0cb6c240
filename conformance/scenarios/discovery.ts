import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import type { Scenario } from './scenario.ts';

const insecure = (issuer: URL) => (issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []);

export const discovery: Scenario[] = [
  {
    name: 'both discovery documents name the same issuer and endpoints',
    async run({ issuer }) {
      const [openid, oauth] = await Promise.all(
        (['oidc', 'oauth2'] as const).map((algorithm) =>
          oidc.discovery(issuer, 'anybody', undefined, oidc.None(), { algorithm, execute: insecure(issuer) }),
        ),
      );
      assert.ok(openid !== undefined && oauth !== undefined);
      const [a, b] = [openid.serverMetadata(), oauth.serverMetadata()];
      for (const field of ['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
        assert.equal(a[field], b[field], field);
      }
      assert.equal(a.issuer, issuer.href.replace(/\/$/, ''));
    },
  },
  {
    name: 'what is offered is what the specifications of today recommend, and no more',
    async run({ issuer }) {
      const config = await oidc.discovery(issuer, 'anybody', undefined, oidc.None(), {
        execute: insecure(issuer),
      });
      const server = config.serverMetadata();
      assert.equal(server.response_types_supported?.join(' '), 'code');
      assert.equal(server.code_challenge_methods_supported?.join(' '), 'S256');
      assert.equal(server.authorization_response_iss_parameter_supported, true);
      for (const unsafe of ['password', 'implicit'])
        assert.ok(!server.grant_types_supported?.includes(unsafe), unsafe);
      for (const weak of ['none', 'HS256']) {
        assert.ok(!server.id_token_signing_alg_values_supported?.includes(weak), weak);
      }
      for (const method of ['client_secret_jwt']) {
        assert.ok(!server.token_endpoint_auth_methods_supported?.includes(method), method);
      }
    },
  },
  {
    name: 'every published key has an id and is public',
    async run({ issuer }) {
      const config = await oidc.discovery(issuer, 'anybody', undefined, oidc.None(), {
        execute: insecure(issuer),
      });
      const answer = await fetch(config.serverMetadata().jwks_uri ?? '');
      const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
      assert.ok(keys.length > 0);
      assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
      for (const key of keys) {
        assert.equal(typeof key.kid, 'string');
        for (const secret of ['d', 'p', 'q', 'k'])
          assert.ok(!(secret in key), `${secret} in a published key`);
      }
    },
  },
];
