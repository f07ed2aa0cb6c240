import type { z } from 'zod';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';

/** A part of what is known of a person, under its own name in the file. Another one joins by an entry in the list of sections. */
export interface ExportSection {
  name: string;
  /** What stands there; nothing secret, and nothing of anybody else. */
  schema: z.ZodType;
  /** All of it at once, or, of what can be long, page after page of a list. */
  read:
    | { kind: 'whole'; of(accountId: string): Promise<unknown> }
    | { kind: 'pages'; of(accountId: string): AsyncIterable<readonly unknown[]> };
}

export interface ExportAccountDeps {
  sections: readonly ExportSection[];
  audit: AuditLog;
  clock: Clock;
  /** Where the schema of the file is published. */
  schemaUrl: string;
}

export interface ExportedFile {
  type: string;
  fileName: string;
  /** The file piece by piece: it is never whole in memory. */
  chunks: AsyncIterable<string>;
}

/** Everything that is known of a person, as a JSON file for them. That it was taken is written down first. */
export const makeExportAccount =
  (deps: ExportAccountDeps) =>
  async ({ accountId, by }: { accountId: string; by: Actor }): Promise<ExportedFile> => {
    await deps.audit.append({ type: 'account.exported', accountId }, by);
    const fileName = `account-${deps.clock.now().toISOString().slice(0, 10)}.json`;
    return { type: 'application/json', fileName, chunks: write(deps, accountId) };
  };

export type ExportAccount = ReturnType<typeof makeExportAccount>;

async function* write(
  { sections, clock, schemaUrl }: ExportAccountDeps,
  accountId: string,
): AsyncGenerator<string> {
  const head = { $schema: schemaUrl, exported_at: Math.floor(clock.now().getTime() / 1000) };
  yield JSON.stringify(head).slice(0, -1);
  for (const { name, read } of sections) {
    yield `,\n${JSON.stringify(name)}:`;
    if (read.kind === 'whole') yield JSON.stringify(await read.of(accountId));
    else yield* writeList(read.of(accountId));
  }
  yield '}\n';
}

async function* writeList(pages: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  let separator = '[';
  for await (const page of pages)
    for (const item of page) {
      yield `${separator}${JSON.stringify(item)}`;
      separator = ',\n';
    }
  yield separator === '[' ? '[]' : ']';
}
