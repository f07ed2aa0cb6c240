import type { ChainStore, WaitingEvent } from './chain-store.ts';
import { signCheckpoint } from './checkpoint.ts';
import type { AuditKeys } from './keys.ts';
import { type Head, isProven, type Link, macOfLink, type ProvenHead, proofOf } from './links.ts';
import { macOf } from './sealed-event.ts';

export interface ExtendChainDeps {
  keys: AuditKeys;
  chain: ChainStore;
}

/**
 * `chained`: so many events got their place. `overtaken`: another process has appended meanwhile; nothing was done. `broken`: the
 * end of the chain was changed by somebody without the keys; nothing is appended to it any more.
 */
export type ExtendOutcome = { kind: 'chained'; events: number } | { kind: 'overtaken' | 'broken' };

/** Events that get their place by one statement. */
export const mostAtOnce = 1000;
/** A checkpoint is made after so many links at the latest, and of a chain that grows once in so many seconds. */
export const checkpointLinks = 10_000;
export const checkpointSeconds = 3600;

/** Gives the next events their place in the chain; to be called by one process at a time, though more do no harm. */
export const makeExtendChain =
  ({ keys, chain }: ExtendChainDeps) =>
  async (): Promise<ExtendOutcome> => {
    const { head, waiting, now } = await chain.next(mostAtOnce);
    if (!isProven(keys, head)) return { kind: 'broken' };
    let end: ProvenHead = head;
    if (waiting.length > 0) {
      const links = linkAll(keys, head, waiting, now);
      end = prove(keys, { ...head, ...lastOf(links) });
      if (!(await chain.append(head, links, end))) return { kind: 'overtaken' };
    }
    if (isCheckpointDue(end, now) && !(await makeCheckpoint(keys, chain, end, now)))
      return { kind: 'overtaken' };
    return { kind: 'chained', events: waiting.length };
  };

export type ExtendChain = ReturnType<typeof makeExtendChain>;

function linkAll(keys: AuditKeys, head: Head, waiting: readonly WaitingEvent[], now: string): Link[] {
  const links: Link[] = [];
  let previous = head.mac;
  // The months of the chain must follow each other, whatever the clock does, and none may be before that of its events.
  const times = [now, head.chainedAt, ...waiting.map(({ recordedAt }) => recordedAt)];
  const chainedAt = times.reduce((latest, time) => (BigInt(time) > BigInt(latest) ? time : latest));
  for (const event of waiting) {
    const sequence = head.sequence + links.length + 1;
    const { eventId, recordedAt } = event;
    const seal = sequence <= head.unsealed ? sealLater(keys, event) : event.seal;
    const link = { sequence, eventId, recordedAt, chainedAt, seal, keyId: keys.current };
    const mac = known(macOfLink(keys, head.chainId, previous, link));
    links.push({ ...link, mac });
    previous = mac;
  }
  return links;
}

/** Rows from before there were seals; what they say is held from now on, but for its personal part. */
function sealLater(keys: AuditKeys, { seal, unsealed }: WaitingEvent): Buffer | null {
  if (seal !== null || unsealed === null) return seal;
  return known(macOf(keys, keys.current, unsealed, null));
}

function lastOf(links: readonly Link[]): Pick<Head, 'sequence' | 'mac' | 'chainedAt'> {
  const last = links.at(-1);
  if (last === undefined) throw new Error('no links');
  return { sequence: last.sequence, mac: last.mac, chainedAt: last.chainedAt };
}

function prove(keys: AuditKeys, head: Head): ProvenHead {
  const { chainId, sequence, mac, chainedAt, checkpointSequence, checkpointAt, unsealed } = head;
  const end = { chainId, sequence, mac, chainedAt, checkpointSequence, checkpointAt, unsealed };
  return { ...end, keyId: keys.current, proof: known(proofOf(keys, keys.current, end)) };
}

function isCheckpointDue(head: Head, now: string): boolean {
  const links = head.sequence - head.checkpointSequence;
  const age = BigInt(now) - BigInt(head.checkpointAt);
  return links >= checkpointLinks || (links > 0 && age >= BigInt(checkpointSeconds) * 1_000_000n);
}

async function makeCheckpoint(
  keys: AuditKeys,
  chain: ChainStore,
  head: ProvenHead,
  now: string,
): Promise<boolean> {
  const token = signCheckpoint(keys, {
    chain: head.chainId,
    sequence: head.sequence,
    hash: head.mac.toString('hex'),
    made_at: new Date(Number(BigInt(now) / 1000n)).toISOString(),
    previous: head.checkpointSequence,
  });
  const to = prove(keys, { ...head, checkpointSequence: head.sequence, checkpointAt: now });
  return chain.keepCheckpoint(head, token, to);
}

function known(mac: Buffer | undefined): Buffer {
  if (mac === undefined) throw new Error('the current key is not among the keys');
  return mac;
}
