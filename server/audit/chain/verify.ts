import { checkEvent } from './check-event.ts';
import { type LinkChecker, makeLinkChecker, type Walk } from './check-links.ts';
import { readCheckpoint, readCut } from './checkpoint.ts';
import { type Finding, type Findings, makeFindings } from './findings.ts';
import type { AuditKeys } from './keys.ts';
import { beforeAll, isProven } from './links.ts';
import type { ChainState, VerificationSource } from './verification-source.ts';

export interface VerifyDeps {
  keys: AuditKeys;
  source: VerificationSource;
}

export interface VerifyInput {
  /** Checkpoints that somebody has kept elsewhere. */
  checkpoints: readonly string[];
  onProgress(progress: { links: number; of: number }): void;
}

export interface AuditReport {
  /** Links that were checked, and the place of the last one. */
  links: number;
  last: number;
  findings: Finding[];
  /** How many there were; more than are listed when the log is in ruins. */
  found: number;
  /** What has no place in the chain yet, and for how long. */
  waiting: { events: number; seconds: number };
}

/** Rows of one statement: few enough that nobody waits for it. */
const page = 2000;
const idsOfPage = 10_000;
const mostListed = 1000;

/** Reads the whole audit log and tells whether it is as it was written. Changes nothing. */
export const makeVerifyAudit =
  ({ keys, source }: VerifyDeps) =>
  async ({ checkpoints, onProgress }: VerifyInput): Promise<AuditReport> => {
    const findings = makeFindings();
    let state = await source.state();
    const walk = beginOf(keys, state, findings);
    const seen = readCheckpoints(keys, state, checkpoints, findings);
    const checker = makeLinkChecker(keys, walk, findings, source.event);
    const compare = compareWith(seen, walk, findings);
    let after = walk.sequence;
    // What is appended meanwhile is checked as well, until there is little left.
    for (let last = -1; after < state.head.sequence && after !== last; state = await source.state()) {
      last = after;
      after = await walkTo(state.head.sequence, after, {
        source,
        checker,
        compare,
        begin: walk.sequence,
        onProgress,
      });
    }
    checker.end(state.head.sequence);
    if (!isProven(keys, state.head)) findings.add({ kind: 'head_changed', sequence: state.head.sequence });
    for (const sequence of seen.keys())
      if (sequence > state.head.sequence) findings.add({ kind: 'truncated', sequence });
    await findUnlinked(keys, source, findings);
    for (const sequence of await source.beyond(mostListed)) findings.add({ kind: 'appended', sequence });
    return {
      links: checker.sequence() - walk.sequence,
      last: checker.sequence(),
      findings: findings.all(),
      found: findings.count(),
      waiting: await source.waiting(),
    };
  };

export type VerifyAudit = ReturnType<typeof makeVerifyAudit>;

interface Stretch {
  source: VerificationSource;
  checker: LinkChecker;
  compare(sequence: number, mac: Buffer): void;
  begin: number;
  onProgress: VerifyInput['onProgress'];
}

async function walkTo(upTo: number, from: number, stretch: Stretch): Promise<number> {
  const { source, checker, compare, begin, onProgress } = stretch;
  let after = from;
  for (;;) {
    const links = await source.links(after, upTo, page);
    for (const link of links) {
      await checker.check(link);
      compare(link.sequence, link.mac);
    }
    onProgress({ links: (links.at(-1)?.sequence ?? upTo) - begin, of: upTo - begin });
    const last = links.at(-1);
    if (last === undefined) return upTo;
    after = last.sequence;
  }
}

/** The chain begins with its first link, or behind a signed cut. */
function beginOf(keys: AuditKeys, { head, cut }: ChainState, findings: Findings): Walk {
  const { chainId, unsealed } = head;
  const whole = { chainId, unsealed, sequence: 0, mac: beforeAll, droppedBefore: undefined };
  if (cut === undefined) return whole;
  const read = readCut(keys, cut.token);
  if (read.kind === 'unknown_key') findings.add({ kind: 'unknown_key', sequence: cut.sequence });
  const isTrue =
    read.kind === 'read' &&
    read.content.chain === chainId &&
    read.content.sequence === cut.sequence &&
    `${new Date(read.content.before).getTime()}000` === cut.before;
  if (!isTrue) {
    if (read.kind !== 'unknown_key') findings.add({ kind: 'cut_off', sequence: cut.sequence });
    return whole;
  }
  const mac = Buffer.from(read.content.hash, 'hex');
  return { ...whole, sequence: cut.sequence, mac, droppedBefore: cut.before };
}

/** The hashes that were vouched for, by their places. */
function readCheckpoints(
  keys: AuditKeys,
  { head, checkpoints }: ChainState,
  given: readonly string[],
  findings: Findings,
): Map<number, string[]> {
  const seen = new Map<number, string[]>();
  let previous = 0;
  for (const { sequence, token } of checkpoints) {
    const read = readCheckpoint(keys, token);
    if (read.kind === 'unknown_key') findings.add({ kind: 'unknown_key', sequence });
    else if (
      read.kind !== 'read' ||
      read.content.sequence !== sequence ||
      read.content.chain !== head.chainId
    )
      findings.add({ kind: 'checkpoint_forged', sequence });
    else {
      if (read.content.previous !== previous)
        findings.add({ kind: 'checkpoint_missing', sequence: read.content.previous });
      seen.set(sequence, [read.content.hash]);
    }
    previous = sequence;
  }
  if (previous !== head.checkpointSequence)
    findings.add({ kind: 'checkpoint_missing', sequence: head.checkpointSequence });
  for (const token of given) {
    const read = readCheckpoint(keys, token);
    if (read.kind === 'unknown_key') findings.add({ kind: 'unknown_key', sequence: null });
    else if (read.kind !== 'read') findings.add({ kind: 'checkpoint_forged', sequence: null });
    else if (read.content.chain !== head.chainId)
      findings.add({ kind: 'rewritten', sequence: read.content.sequence });
    else seen.set(read.content.sequence, [...(seen.get(read.content.sequence) ?? []), read.content.hash]);
  }
  return seen;
}

function compareWith(seen: Map<number, string[]>, walk: Walk, findings: Findings) {
  const compare = (sequence: number, mac: Buffer): void => {
    const hashes = seen.get(sequence);
    if (hashes?.some((hash) => hash !== mac.toString('hex'))) findings.add({ kind: 'rewritten', sequence });
  };
  if (walk.sequence > 0) compare(walk.sequence, walk.mac);
  return compare;
}

async function findUnlinked(keys: AuditKeys, source: VerificationSource, findings: Findings): Promise<void> {
  let after = '0';
  for (;;) {
    const { upTo, events } = await source.unlinked(after, idsOfPage);
    for (const event of events) {
      const found = checkEvent(keys, event);
      const isOurs = found.kind === 'sealed' && found.isStated;
      findings.add({
        kind: isOurs ? 'unlinked' : 'inserted',
        sequence: null,
        eventId: event.eventId,
        other: event.after,
      });
    }
    if (upTo === undefined) return;
    after = upTo;
  }
}
