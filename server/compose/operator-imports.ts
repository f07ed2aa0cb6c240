import { readForeignHash } from '../../adapters/crypto/foreign-hashes/registry.ts';
import { makeImportStore } from '../../adapters/postgres/stores/import-store.ts';
import { openUserFile } from '../../adapters/user-files/open.ts';
import { noReport, openReport } from '../../adapters/user-files/report.ts';
import type { CheckRowDeps } from '../accounts/import/check-row.ts';
import type { ImportState } from '../accounts/import/import-store.ts';
import { makeImportUsers } from '../accounts/import/import-users.ts';
import { toAccountInput, userBody } from '../admin/user-body.ts';
import type { ImportCounts, ImportDone, ImportInput, OperatorImports } from '../cli/ports.ts';
import type { Config } from '../config/schema.ts';
import { toFieldFaults } from '../field-faults.ts';
import type { House } from './house.ts';
import type { Storage } from './storage.ts';

/** Imports of people, for the CLI. */
export function operatorImports(config: Config, { database }: Storage, house: House): OperatorImports {
  const { clock, ids, roles, presentAttributes, inTransaction } = house;
  const importUsers = makeImportUsers({
    imports: makeImportStore(database, clock, house.auditKeys),
    parse: parseUser,
    readHash: readForeignHash,
    weakHashes: config.imports.weakHashes,
    roles,
    presentAttributes,
    inTransaction,
    clock,
    ids,
  });
  return {
    async users(input: ImportInput): Promise<ImportDone> {
      const file = await openUserFile(input);
      try {
        const report = input.report === undefined ? undefined : await openReport(input.report);
        try {
          const outcome = await importUsers({
            ...input,
            file,
            report: report ?? noReport,
            onProgress: ({ position }) =>
              input.onProgress({ rows: position, bytes: file.bytesRead(), size: file.size }),
          });
          if (outcome.kind === 'under_way') return outcome;
          if (outcome.kind === 'imported')
            return { ...countsOf(outcome.state), kind: outcome.kind, resumedAt: outcome.resumedAt };
          return { ...countsOf(outcome.state), kind: outcome.kind, finishedAt: outcome.state.finishedAt };
        } finally {
          await report?.close();
        }
      } finally {
        await file.close();
      }
    },
  };
}

/** A user as the admin API takes one. */
export const parseUser: CheckRowDeps['parse'] = (body) => {
  const parsed = userBody.safeParse(body);
  if (!parsed.success) return { kind: 'refused', fields: toFieldFaults(parsed.error) };
  const { password: _, ...input } = toAccountInput(parsed.data);
  return { kind: 'parsed', input };
};

function countsOf({ position, imported, skipped, refused, mustReset }: ImportState): ImportCounts {
  return { rows: position, imported, skipped, refused, mustReset };
}
