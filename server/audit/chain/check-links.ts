import { checkEvent } from './check-event.ts';
import type { Finding, Findings } from './findings.ts';
import type { AuditKeys } from './keys.ts';
import { macOfLink } from './links.ts';
import type { FoundEvent, FoundLink } from './verification-source.ts';

export interface Walk {
  chainId: string;
  /** The place and hash before the first link to come. */
  sequence: number;
  mac: Buffer;
  /** Rows from before this moment were dropped with their month; microseconds, undefined while none were. */
  droppedBefore: string | undefined;
  /** How many rows at the beginning were never sealed. */
  unsealed: number;
}

/** A row whose contents are not those of its place. */
interface Suspect {
  sequence: number;
  eventId: string;
  wanted: string;
  found: string;
}

/** Suspects that are compared with each other. */
const mostSuspects = 10_000;

export interface LinkChecker {
  check(link: FoundLink): Promise<void>;
  /** The place that was checked last. */
  sequence(): number;
  /** Says what the suspects are, and whether the chain goes as far as it should. */
  end(last: number): void;
}

/**
 * Checks links one after the other, each against the one before it and its row against its seal.
 *
 * @param find the row with this id, wherever it is
 */
export function makeLinkChecker(
  keys: AuditKeys,
  walk: Walk,
  findings: Findings,
  find: (eventId: string) => Promise<FoundEvent | undefined>,
): LinkChecker {
  const suspects: Suspect[] = [];
  const placeOfSeal = makeLately();
  let { sequence } = walk;
  /** Hashes that the next link may follow; undefined after a gap, when nobody knows. */
  let previous: readonly Buffer[] | undefined = [walk.mac];

  function checkMac(link: FoundLink): Finding['kind'] | undefined {
    const candidates = (previous ?? []).map((mac) => macOfLink(keys, walk.chainId, mac, link));
    const isFollowing = previous === undefined || candidates.some((mac) => mac?.equals(link.mac));
    // Of a link that was changed, either its hash is still the old one or its contents are: the next one tells.
    const others = isFollowing ? [] : candidates.flatMap((mac) => mac ?? []);
    previous = [link.mac, ...others];
    if (keys.mac(link.keyId, '') === undefined) return 'unknown_key';
    return isFollowing ? undefined : 'link_changed';
  }

  async function checkRow(link: FoundLink): Promise<Finding['kind'] | undefined> {
    const { event } = link;
    if (event === undefined) {
      const { droppedBefore } = walk;
      if (droppedBefore !== undefined && BigInt(link.recordedAt) < BigInt(droppedBefore)) return undefined;
      // Its month may have been changed.
      return (await find(link.eventId)) === undefined ? 'deleted' : 'changed';
    }
    const found = checkEvent(keys, event, link.sequence <= walk.unsealed ? link.keyId : undefined);
    switch (found.kind) {
      case 'unsealed':
        return link.seal === null ? 'inserted' : 'changed';
      case 'personal_changed':
        return 'changed';
      case 'unknown_key':
      case 'personal_removed':
        return found.kind;
      case 'sealed':
        break;
      default:
        return found satisfies never;
    }
    if (link.seal === null) return 'inserted';
    const original =
      link.copyOf ?? (event.seal === null ? undefined : placeOfSeal(event.seal, link.sequence));
    if (original !== undefined) {
      findings.add({ kind: 'copied', sequence: link.sequence, eventId: link.eventId, other: original });
      return undefined;
    }
    if (found.seal.equals(link.seal)) return found.isStated ? undefined : 'changed';
    if (suspects.length >= mostSuspects) return 'changed';
    suspects.push({
      sequence: link.sequence,
      eventId: link.eventId,
      wanted: link.seal.toString('hex'),
      found: found.seal.toString('hex'),
    });
    return undefined;
  }

  return {
    async check(link) {
      const expected = sequence + 1;
      if (link.sequence > expected) {
        findings.add({ kind: 'missing', sequence: expected, until: link.sequence - 1 });
        previous = undefined;
      }
      if (link.sequence < expected) {
        findings.add({ kind: 'link_changed', sequence: link.sequence, eventId: link.eventId });
        return;
      }
      sequence = link.sequence;
      // What its row should be is not known of a link that is not what it was.
      const kind = checkMac(link) ?? (await checkRow(link));
      if (kind !== undefined) findings.add({ kind, sequence: link.sequence, eventId: link.eventId });
    },

    sequence: () => sequence,

    end(last) {
      if (sequence < last) findings.add({ kind: 'missing', sequence: sequence + 1, until: last });
      for (const finding of judge(suspects)) findings.add(finding);
    },
  };
}

/** Seals that are remembered at least, and twice as many at most. */
const lately = 50_000;

/** Remembers the places of the last seals; answers with an earlier place of the same one. */
function makeLately() {
  let [fresh, older] = [new Map<string, number>(), new Map<string, number>()];
  return (seal: Buffer, sequence: number): number | undefined => {
    const text = seal.toString('base64');
    const known = fresh.get(text) ?? older.get(text);
    if (known !== undefined) return known;
    if (fresh.size >= lately) [fresh, older] = [new Map(), fresh];
    fresh.set(text, sequence);
    return undefined;
  };
}

/** Two whose contents are each other's were swapped; any other was changed. */
function judge(suspects: readonly Suspect[]): Finding[] {
  const byWanted = new Map(suspects.map((suspect) => [suspect.wanted, suspect]));
  return suspects.map(({ sequence, eventId, wanted, found }) => {
    const other = byWanted.get(found);
    return other !== undefined && other.found === wanted
      ? { kind: 'swapped', sequence, eventId, other: other.sequence }
      : { kind: 'changed', sequence, eventId };
  });
}
