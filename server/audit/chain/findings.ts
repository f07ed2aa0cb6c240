/** What verification has found. `sequence` is the place in the chain; null where there is none. */
export interface Finding {
  kind: FindingKind;
  sequence: number | null;
  /** The last place, where it is about several in a row. */
  until?: number | undefined;
  eventId?: string | undefined;
  /** The other place, of two that were swapped or that are copies. */
  other?: number | undefined;
}

/**
 * - `changed`: the row says something else than when it was written
 * - `deleted`: the row is gone, its place in the chain is there
 * - `swapped`: two rows have each other's contents
 * - `inserted`: a row that this program has not written
 * - `copied`: a row that is the copy of another one
 * - `unlinked`: a row of this program whose place in the chain was taken away
 * - `missing`: places of the chain that are gone, with or without their rows
 * - `link_changed`: the place itself was changed: its number, its hash, or which row it names
 * - `appended`: a place beyond the end
 * - `head_changed`: the note of where the chain ends was changed
 * - `cut_off`: the chain begins later than it may: without a signed note of what was dropped
 * - `truncated`: the chain ends before a checkpoint
 * - `rewritten`: the chain is not the one that a checkpoint has seen
 * - `checkpoint_missing`, `checkpoint_forged`: of those that are kept in the database
 * - `personal_removed`: the personal part of a row is gone, and no deletion of that person is in the log
 * - `unknown_key`: made with an encryption key that is not in the settings, so nothing can be said of it
 */
export type FindingKind =
  | 'changed'
  | 'deleted'
  | 'swapped'
  | 'inserted'
  | 'copied'
  | 'unlinked'
  | 'missing'
  | 'link_changed'
  | 'appended'
  | 'head_changed'
  | 'cut_off'
  | 'truncated'
  | 'rewritten'
  | 'checkpoint_missing'
  | 'checkpoint_forged'
  | 'personal_removed'
  | 'unknown_key';

/** Findings that are kept; the others are only counted, so that a log in ruins takes no more memory. */
const mostKept = 1000;

export interface Findings {
  add(finding: Finding): void;
  all(): Finding[];
  count(): number;
}

export function makeFindings(): Findings {
  const kept: Finding[] = [];
  let count = 0;
  return {
    add(finding) {
      count += 1;
      if (kept.length < mostKept) kept.push(finding);
    },
    all: () => kept.toSorted((one, other) => placeOf(one) - placeOf(other)),
    count: () => count,
  };
}

const placeOf = ({ sequence }: Finding): number => sequence ?? Number.POSITIVE_INFINITY;
