import type { AuditKeys } from './keys.ts';

/** One link of the chain: the place that an event has in the order of all. Times are microseconds since 1970. */
export interface Link {
  sequence: number;
  eventId: string;
  /** When the transaction began that wrote the event. */
  recordedAt: string;
  chainedAt: string;
  /** The seal of the event; null when it was gone by then, or had none. */
  seal: Buffer | null;
  keyId: string;
  mac: Buffer;
}

/** Where the chain ends. One row, changed by whoever appends. */
export interface Head {
  /** Of this chain alone, made by chance: a checkpoint of another one is not taken for one of this. */
  chainId: string;
  sequence: number;
  mac: Buffer;
  chainedAt: string;
  checkpointSequence: number;
  checkpointAt: string;
  /** So many rows were there before there were seals; they are the first of the chain. */
  unsealed: number;
}

/** The end of the chain as it is stored, with what shows that it was not moved; null before the first link. */
export interface ProvenHead extends Head {
  keyId: string | null;
  proof: Buffer | null;
}

/** What the first link is bound to. */
export const beforeAll = Buffer.alloc(32);

/** HMAC over the link and the one before it; undefined for a key that is not in the list. */
export function macOfLink(
  keys: AuditKeys,
  chainId: string,
  previous: Buffer,
  link: Omit<Link, 'mac'>,
): Buffer | undefined {
  const { sequence, eventId, recordedAt, chainedAt, seal, keyId } = link;
  const parts = [chainId, sequence, eventId, recordedAt, chainedAt, seal?.toString('hex') ?? '-'];
  return keys.mac(keyId, `link\n${parts.join('\n')}\n${previous.toString('hex')}`);
}

/** HMAC over where the chain ends. */
export function proofOf(keys: AuditKeys, keyId: string, head: Head): Buffer | undefined {
  const { chainId, sequence, mac, chainedAt, checkpointSequence, checkpointAt, unsealed } = head;
  const parts = [
    chainId,
    sequence,
    mac.toString('hex'),
    chainedAt,
    checkpointSequence,
    checkpointAt,
    unsealed,
  ];
  return keys.mac(keyId, `head\n${parts.join('\n')}`);
}

/** Whether the end is where whoever appended last has left it. One that nothing was appended to has no proof. */
export function isProven(keys: AuditKeys, head: ProvenHead): boolean {
  const { keyId, proof } = head;
  if (keyId === null || proof === null) return head.sequence === 0 && head.mac.equals(beforeAll);
  return proofOf(keys, keyId, head)?.equals(proof) ?? false;
}
