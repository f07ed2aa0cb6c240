import { z } from 'zod';
import type { AuditKeys } from './keys.ts';

/** What a signature vouches for: that the chain had this end then. */
export interface Checkpoint {
  chain: string;
  sequence: number;
  /** HMAC of the link, in hex. */
  hash: string;
  /** ISO 8601, UTC. */
  made_at: string;
  /** Sequence of the checkpoint before it, 0 for the first. */
  previous: number;
}

/** The same for months that were dropped: they ended with this link. */
export interface Cut {
  chain: string;
  sequence: number;
  hash: string;
  made_at: string;
  /** Everything recorded before this moment is gone. */
  before: string;
}

const moment = z.iso.datetime();
const end = {
  chain: z.string(),
  sequence: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  made_at: moment,
};
const checkpoint = z.strictObject({ ...end, previous: z.number().int().min(0) });
const cut = z.strictObject({ ...end, before: moment });

const types = { checkpoint: 'gatehouse-audit-checkpoint', cut: 'gatehouse-audit-cut' } as const;

/** Signs as a JWS in its compact form (RFC 7515, RFC 8037), which other programs can check with the public key. */
export const signCheckpoint = (keys: AuditKeys, content: Checkpoint): string =>
  signToken(keys, types.checkpoint, content);

export const signCut = (keys: AuditKeys, content: Cut): string => signToken(keys, types.cut, content);

export type Read<Content> =
  | { kind: 'read'; content: Content }
  /** `unknown_key`: signed with a key that is not in the list. */
  | { kind: 'malformed' | 'forged' | 'unknown_key' };

/** Reads a checkpoint and checks its signature. Throws nothing. */
export const readCheckpoint = (keys: AuditKeys, token: string): Read<Checkpoint> =>
  readToken(keys, types.checkpoint, checkpoint, token);

export const readCut = (keys: AuditKeys, token: string): Read<Cut> => readToken(keys, types.cut, cut, token);

const header = z.object({ alg: z.literal('EdDSA'), typ: z.string(), kid: z.string() });

function signToken(keys: AuditKeys, typ: string, content: Checkpoint | Cut): string {
  const signed = `${encode({ alg: 'EdDSA', typ, kid: keys.current })}.${encode(content)}`;
  return `${signed}.${keys.sign(signed).toString('base64url')}`;
}

function readToken<Content>(
  keys: AuditKeys,
  typ: string,
  schema: z.ZodType<Content>,
  token: string,
): Read<Content> {
  const [head, body, signature, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0)
    return { kind: 'malformed' };
  const parsed = header.safeParse(decode(head));
  if (!parsed.success || parsed.data.typ !== typ) return { kind: 'malformed' };
  const isSigned = keys.isSigned(parsed.data.kid, `${head}.${body}`, Buffer.from(signature, 'base64url'));
  if (isSigned === undefined) return { kind: 'unknown_key' };
  if (!isSigned) return { kind: 'forged' };
  const content = schema.safeParse(decode(body));
  return content.success ? { kind: 'read', content: content.data } : { kind: 'malformed' };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
