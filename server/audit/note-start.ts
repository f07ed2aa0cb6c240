import type { InTransaction } from '../transaction.ts';
import { changedFields } from './change.ts';
import type { Actor, AuditEvent, AuditLog, Change } from './event.ts';

type Values = Record<string, string | null>;

/** What the log has of settings and schema. */
export interface Known {
  settings: Values;
  /** Hashes; undefined when they cannot be opened any more. */
  secrets: Values | undefined;
  migrations: readonly number[];
}

export interface KnownStart {
  /** What is known, and the migrations that the schema has. In a transaction it MUST hold up others who ask the same. */
  read(): Promise<{ known: Known; present: number[] }>;
  save(known: { settings: Values; secrets: Values; migrations: readonly number[] }): Promise<void>;
}

export interface NoteStartDeps {
  knownStart: KnownStart;
  audit: AuditLog;
  inTransaction: InTransaction;
}

export interface Start {
  settings: Values;
  secrets: Values;
  by: Actor;
}

/**
 * Notes what has changed in settings and schema since they were noted last, however they were changed and whoever died before it
 * could be said: what is known goes on together with the events.
 */
export const makeNoteStart =
  ({ knownStart, audit, inTransaction }: NoteStartDeps) =>
  async ({ settings, secrets, by }: Start): Promise<void> => {
    if (eventsOf(await knownStart.read(), settings, secrets).length === 0) return;
    await inTransaction(async () => {
      const found = await knownStart.read();
      const events = eventsOf(found, settings, secrets);
      if (events.length === 0) return;
      await knownStart.save({ settings, secrets, migrations: found.present });
      for (const event of events) await audit.append(event, by);
    });
  };

export type NoteStart = ReturnType<typeof makeNoteStart>;

/** The same for the schema alone, by those who change nothing else. */
export const makeNoteSchema =
  ({ knownStart, audit, inTransaction }: NoteStartDeps) =>
  (by: Actor): Promise<void> =>
    inTransaction(async () => {
      const { known, present } = await knownStart.read();
      const { settings, secrets } = known;
      const event = schemaEvent(known.migrations, present);
      // What cannot be opened is told by the next start.
      if (event === undefined || secrets === undefined) return;
      await knownStart.save({ settings, secrets, migrations: present });
      await audit.append(event, by);
    });

export type NoteSchema = ReturnType<typeof makeNoteSchema>;

function eventsOf(
  { known, present }: Awaited<ReturnType<KnownStart['read']>>,
  settings: Values,
  secrets: Values,
): AuditEvent[] {
  const change = settingsChange(known, settings, secrets);
  const schema = schemaEvent(known.migrations, present);
  return [
    ...(schema === undefined ? [] : [schema]),
    ...(change === undefined ? [] : [{ type: 'config.changed', change } as const]),
  ];
}

function settingsChange(known: Known, settings: Values, secrets: Values): Change | undefined {
  const open = changedFields(withValue(known.settings), withValue(settings));
  const hidden = changedFields(withValue(known.secrets ?? {}), withValue(secrets));
  const before = { ...open.before, ...hide(hidden.before, '[hidden]') };
  const after = { ...open.after, ...hide(hidden.after, '[hidden, another one]') };
  return Object.keys(after).length === 0 ? undefined : { before, after };
}

/** A setting that a version before did not have is no change while nobody has given it a value. */
const withValue = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

const hide = (values: Record<string, unknown>, word: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === null ? null : word]));

function schemaEvent(before: readonly number[], after: readonly number[]): AuditEvent | undefined {
  const applied = after.filter((number) => !before.includes(number));
  const undone = before.filter((number) => !after.includes(number));
  return applied.length + undone.length === 0 ? undefined : { type: 'schema.migrated', applied, undone };
}
