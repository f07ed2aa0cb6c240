import type { Configuration } from 'oidc-provider';

/** RS256 comes first since OIDC Core 15.1 makes it mandatory; nothing symmetric, since client secrets are stored hashed. */
const signing = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
const verifying = ['PS256', 'ES256', 'EdDSA', 'Ed25519', 'RS256'] as const;

/** What is offered and accepted: asymmetric only, no `none` (RFC 8725 3.1, 3.2). */
export const enabledJWA: NonNullable<Configuration['enabledJWA']> = {
  idTokenSigningAlgValues: [...signing],
  userinfoSigningAlgValues: [...signing],
  introspectionSigningAlgValues: [...signing],
  authorizationSigningAlgValues: [...signing],
  clientAuthSigningAlgValues: [...verifying],
  requestObjectSigningAlgValues: [...verifying],
  dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519', 'PS256'],
  requestObjectEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
  idTokenEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
  userinfoEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
  introspectionEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
  authorizationEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
};
