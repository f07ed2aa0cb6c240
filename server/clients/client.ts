import type { ClientMetadata } from './metadata.ts';

/** A secret of a confidential client: only its SHA-256 is kept, which is enough for 256 random bits. */
export interface ClientSecret {
  id: string;
  clientId: string;
  /** SHA-256 of the secret, base64url. */
  hash: string;
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  /** What operators call it. */
  description: string | null;
}

/** A relying party. `metadata` is RFC 7591 in its own names, complete (defaults filled in) and without client_id. */
export interface Client {
  id: string;
  metadata: ClientMetadata;
  /** Made by the server for itself (account console, admin console): cannot be edited. */
  builtIn: boolean;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}
