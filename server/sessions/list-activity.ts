import type { ActivityKind, ActivityLog, ActivityRow } from '../audit/activity.ts';
import { type Device, describeDevice } from './device.ts';
import type { FindPlace, NamedApp, Place } from './list-sessions.ts';

/** One thing that happened, or several of one kind in a row. */
export interface Activity {
  /** Its place in the list. */
  id: string;
  kind: ActivityKind;
  /** The last time. */
  at: Date;
  /** The first time; the same as `at` for a single one. */
  from: Date;
  count: number;
  /** `unknown`: somebody who did not prove to be the person, and may be. */
  by: 'you' | 'unknown' | 'other';
  app: NamedApp | null;
  ip: string | null;
  place: Place | null;
  device: Device;
}

export interface ListActivityDeps {
  activity: ActivityLog;
  /** Which types of events a person is told of, and what each of them is to them. */
  told: { types: readonly string[]; kindOf(row: ActivityRow): ActivityKind | undefined };
  findPlace: FindPlace;
  nameOf(clientId: string): Promise<string | undefined>;
}

/** Failures are told together: whoever guesses must not be able to push everything else out of sight. */
const summarised: readonly ActivityKind[] = ['sign_in_failed', 'proof_failed'];
/** What somebody can do to an account without proving anything. */
const unproven: readonly ActivityKind[] = ['sign_in_failed', 'reset_asked', 'token_stolen', 'token_revoked'];
/** Rows that are read for one line on the page, at most. */
const rowsPerLine = 10;

/**
 * What happened to an account, newest first, a page of at most `limit` lines.
 *
 * @param input.before the `next` of the page before
 * @returns `next` is null when nothing older follows
 */
export const makeListActivity =
  (deps: ListActivityDeps) =>
  async (input: { accountId: string; before: string | undefined; limit: number }) => {
    const { accountId, before, limit } = input;
    const most = limit * rowsPerLine;
    const rows = await deps.activity.page(accountId, { types: deps.told.types, before, limit: most });
    const lines = foldRows(deps, rows);
    const shown = lines.slice(0, limit);
    const isMore = lines.length > limit || rows.length === most;
    const last = shown.at(-1)?.rows.at(-1);
    return {
      items: await Promise.all(shown.map((line) => toActivity(deps, line))),
      next: isMore && last !== undefined ? last.id : null,
    };
  };

export type ListActivity = ReturnType<typeof makeListActivity>;

interface Line {
  kind: ActivityKind;
  rows: [ActivityRow, ...ActivityRow[]];
}

function foldRows({ told }: ListActivityDeps, rows: readonly ActivityRow[]): Line[] {
  const lines: Line[] = [];
  for (const row of rows) {
    const kind = told.kindOf(row);
    if (kind === undefined) continue;
    const last = lines.at(-1);
    if (last !== undefined && last.kind === kind && summarised.includes(kind)) last.rows.push(row);
    else lines.push({ kind, rows: [row] });
  }
  return lines;
}

/** Who signs in is nobody until it has worked. */
function whoDid({ by }: ActivityRow, kind: ActivityKind): Activity['by'] {
  if (by === 'other') return 'other';
  return by === 'anonymous' && unproven.includes(kind) ? 'unknown' : 'you';
}

async function toActivity({ findPlace, nameOf }: ListActivityDeps, { kind, rows }: Line): Promise<Activity> {
  const [newest] = rows;
  const name = newest.clientId === null ? undefined : await nameOf(newest.clientId);
  return {
    id: newest.id,
    kind,
    at: newest.at,
    from: rows.at(-1)?.at ?? newest.at,
    count: rows.length,
    by: whoDid(newest, kind),
    app: newest.clientId === null || name === undefined ? null : { clientId: newest.clientId, name },
    ip: newest.ip,
    place: (newest.ip === null ? undefined : findPlace(newest.ip)) ?? null,
    device: describeDevice(newest.userAgent),
  };
}
