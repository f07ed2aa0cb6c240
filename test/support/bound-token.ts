import { createHash, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { RunningGatehouse } from './gatehouse.ts';
import { basic } from './relying-party.ts';

/** What a proof says; changes make it a wrong one. */
export interface ProofChanges {
  /** Claims in place of the right ones; undefined ones are left out. */
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
}

/** A key of a client, and the proofs that it makes (RFC 9449 4.2). */
export interface ProofKey {
  prove(request: { method: string; url: string; token?: string }, changes?: ProofChanges): Promise<string>;
}

export async function makeProofKey(): Promise<ProofKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    prove({ method, url, token }, { claims = {}, header = {} } = {}) {
      const right = {
        htm: method,
        htu: url,
        jti: randomBytes(16).toString('hex'),
        iat: Math.floor(Date.now() / 1000),
        ...(token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }),
      };
      return new SignJWT({ ...right, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey);
    },
  };
}

/** A token of a new service client for the admin API, bound to this key. */
export async function boundToken(
  { issuer, admin }: Pick<RunningGatehouse, 'issuer' | 'admin'>,
  key: ProofKey,
  scope: string,
): Promise<string> {
  const { body } = await admin('POST', 'clients', { grant_types: ['client_credentials'], scope });
  const url = `${issuer}/oauth2/token`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: basic(String(body.client_id), String(body.client_secret)),
      dpop: await key.prove({ method: 'POST', url }),
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: `${issuer}/api/admin` }),
  });
  const { access_token: token, token_type: type } = JSON.parse(await answer.text());
  if (type !== 'DPoP') throw new Error(`the token is bound to nothing: ${type}`);
  return String(token);
}
