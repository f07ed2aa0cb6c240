import type { Actor } from '../../audit/event.ts';
import { AppError } from '../../errors.ts';
import type { InTransaction } from '../../transaction.ts';
import { foldLoginName } from '../account.ts';
import type { PresentAttributes } from '../attributes/definition.ts';
import { skeletonOf } from '../names/skeleton.ts';
import type { RoleNames } from '../role-names.ts';
import { type CheckedRow, type CheckRowDeps, makeCheckRow } from './check-row.ts';
import type { ImportReport, ImportState, ImportStore, NewAccount, ReportLine } from './import-store.ts';
import type { FileRow, UserFile } from './user-file.ts';

export interface ImportUsersDeps extends CheckRowDeps {
  imports: ImportStore;
  roles: RoleNames;
  presentAttributes: PresentAttributes;
  inTransaction: InTransaction;
}

export interface ImportUsersInput {
  file: UserFile;
  format: string;
  report: ImportReport;
  /** What happens to a row whose login name or id somebody has. */
  onConflict: 'skip' | 'refuse';
  /** Finds out what would be refused, and writes nothing. */
  dryRun: boolean;
  keepIds: boolean;
  /** Also rows that an earlier run has imported. */
  again: boolean;
  by: Actor;
  onProgress(state: ImportState): void;
}

export type ImportUsersOutcome =
  | { kind: 'imported'; state: ImportState; resumedAt: number }
  | { kind: 'finished_before'; state: ImportState }
  | { kind: 'under_way' };

const rowsAtOnce = 1000;
const nothingYet: ImportState = {
  position: 0,
  imported: 0,
  skipped: 0,
  refused: 0,
  mustReset: 0,
  reportBytes: 0,
  finishedAt: null,
};

/**
 * Imports people with their passwords as another system has hashed them. Each batch is one transaction together with how far
 * the import is, so that one that was interrupted goes on where it stood, and nobody is imported twice.
 *
 * @throws StartError when the file cannot be understood any further; what came before is kept
 */
export const makeImportUsers =
  (deps: ImportUsersDeps) =>
  async (input: ImportUsersInput): Promise<ImportUsersOutcome> => {
    const { file, dryRun } = input;
    const id = dryRun ? undefined : file.id;
    if (id !== undefined && input.again) await deps.imports.forget(id);
    const begun = id === undefined ? nothingYet : await deps.imports.begin(id, input.format);
    if (begun.finishedAt !== null) return { kind: 'finished_before', state: begun };
    const roles = new Set((await deps.roles.list()).map(({ name }) => name));
    const definitions = await deps.presentAttributes();
    const check = makeCheckRow(deps, { roles, definitions }, input.keepIds, id);
    const seen = makeSeenNames();
    let state = begun;
    let batch: FileRow[] = [];
    let read = 0;
    const flush = async (last: boolean): Promise<boolean> => {
      const next = await addBatch(deps, input, { id, state, check, seen, batch, last });
      if (next === undefined) return false;
      state = next;
      batch = [];
      input.onProgress(state);
      return true;
    };
    for await (const row of file.rows()) {
      read += 1;
      if (read <= begun.position) continue;
      batch.push(row);
      if (batch.length === rowsAtOnce && !(await flush(false))) return { kind: 'under_way' };
    }
    if (!(await flush(true))) return { kind: 'under_way' };
    return { kind: 'imported', state, resumedAt: begun.position };
  };

export type ImportUsers = ReturnType<typeof makeImportUsers>;

interface Batch {
  id: string | undefined;
  state: ImportState;
  check(row: FileRow): CheckedRow;
  /** Of a dry run, in which the database does not know those of earlier batches. */
  seen: SeenNames;
  batch: readonly FileRow[];
  last: boolean;
}

/** The state after a batch; undefined when another run has done it. */
async function addBatch(
  deps: ImportUsersDeps,
  { report, onConflict, dryRun, by }: ImportUsersInput,
  { id, state, check, seen, batch, last }: Batch,
): Promise<ImportState | undefined> {
  const fit: { row: NewAccount; index: number }[] = [];
  const faults = new Map<number, { field: string; reason: string }[]>();
  const conflicts = new Set<number>();
  const names = new Set<string>();
  for (const [index, row] of batch.entries()) {
    const checked = check(row);
    if (checked.kind === 'refused')
      faults.set(
        index,
        checked.fields.map(({ field, message }) => ({ field, reason: message })),
      );
    else if (claims(names, checked.row) && (!dryRun || seen.claims(checked.row)))
      fit.push({ row: checked.row, index });
    else conflicts.add(index);
  }
  const rows = fit.map(({ row }) => row);
  const write = async (): Promise<ImportState | undefined> => {
    const taken = await (dryRun ? deps.imports.findTaken(rows) : deps.imports.add(rows, by));
    const left = new Set(taken);
    const all = new Set([...conflicts, ...taken.flatMap((place) => fit[place]?.index ?? [])]);
    const lines = linesOf(batch, state.position, faults, onConflict === 'refuse' ? all : new Set());
    const added = rows.filter((_, place) => !left.has(place));
    const skipped = onConflict === 'skip' ? all.size : 0;
    const next: ImportState = {
      position: state.position + batch.length,
      imported: state.imported + added.length,
      skipped: state.skipped + skipped,
      refused: state.refused + faults.size + all.size - skipped,
      mustReset: state.mustReset + added.filter(({ mustReset }) => mustReset).length,
      // At a fixed place, so that it can be done again.
      reportBytes: await report.writeAt(state.reportBytes, lines),
      finishedAt: last ? deps.clock.now() : null,
    };
    if (id === undefined || (await deps.imports.advance(id, state.position, next))) return next;
    throw new UnderWay();
  };
  return dryRun ? write() : again(() => deps.inTransaction(write));
}

/** Thrown so that what the transaction has written is undone. */
class UnderWay extends Error {}

/** Somebody may have taken a name between the look and the write; then the same is done again and finds it taken. */
async function again(
  write: () => Promise<ImportState | undefined>,
  left = 3,
): Promise<ImportState | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof UnderWay) return undefined;
    if (left > 0 && error instanceof AppError && error.code === 'login_name_taken')
      return again(write, left - 1);
    throw error;
  }
}

/** Whether nobody before them in the batch has one of their names, or their id. */
function claims(names: Set<string>, { account }: NewAccount): boolean {
  const own = namesOf(account);
  if (own.some((name) => names.has(name))) return false;
  for (const name of own) names.add(name);
  return true;
}

function namesOf({ id, email, username }: NewAccount['account']): string[] {
  const logins = [email, username]
    .filter((name) => name !== null)
    .map((name) => `name ${foldLoginName(name)}`);
  const shapes = username === null ? [] : [`shape ${skeletonOf(username)}`];
  return [`id ${id}`, ...new Set(logins), ...shapes];
}

/** Names that a dry run remembers at most: some hundred megabytes. */
const mostSeen = 2_000_000;

interface SeenNames {
  claims(row: NewAccount): boolean;
}

function makeSeenNames(): SeenNames {
  const names = new Set<string>();
  return { claims: (row) => names.size > mostSeen || claims(names, row) };
}

function linesOf(
  batch: readonly FileRow[],
  before: number,
  faults: ReadonlyMap<number, { field: string; reason: string }[]>,
  conflicts: ReadonlySet<number>,
): ReportLine[] {
  return batch.flatMap(({ at }, index) => {
    const row = before + index + 1;
    const found = faults.get(index) ?? (conflicts.has(index) ? [taken] : []);
    return found.map(({ field, reason }) => ({ row, at, field, reason }));
  });
}

const taken = {
  field: '(login name)',
  reason:
    'Somebody has this e-mail address, user name (or one that looks like it) or id already, here or further up in the file.',
};
