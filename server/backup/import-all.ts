import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor, AuditLog } from '../audit/event.ts';
import { StartError } from '../errors.ts';
import type { NamedKey } from '../keys/key-list.ts';
import type { Contents, OnRows } from './contents.ts';
import type { PortableFile } from './portable-file.ts';
import { changeRows, changeSealed, type Sealer } from './portable-rows.ts';

/** A server without people and clients of its own. */
export interface PortableTarget {
  /**
   * Puts all rows in, all or nothing, and MUST compare number and content of what arrived with what it was given.
   *
   * @param beforeCommit is done when everything has arrived and only the commit is left
   * @throws StartError when the server is not empty, has another schema, or what arrived differs; nothing is kept then
   */
  add(contents: Contents, onRows: OnRows, beforeCommit: () => Promise<void>): Promise<Record<string, number>>;
}

export interface ImportAllDeps {
  file: PortableFile;
  target: PortableTarget;
  /** Those that the importing server has itself. */
  ownKeys: readonly NamedKey[];
  /** Keeps keys that were brought, so that the passwords which were made with them can be checked. */
  keys: { keep(key: NamedKey): Promise<void> };
  sealer: Sealer;
  audit: AuditLog;
}

export interface ImportAllReport {
  madeAt: string;
  tables: Record<string, number>;
}

/**
 * Puts an export into an empty server, where everybody then signs in as before, with the same `sub`.
 *
 * @throws StartError as PortableTarget.add; nothing was changed then
 */
export const makeImportAll =
  ({ file, target, ownKeys, keys, sealer, audit }: ImportAllDeps) =>
  async ({ by, onRows }: { by: Actor; onRows: OnRows }): Promise<ImportAllReport> => {
    const { madeAt, layout, passwordKeys } = file.description;
    const brought = passwordKeys.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') }));
    const newIds = new Map(brought.map(({ id, key }) => [id, idHere(key, ownKeys)]));
    const batches = () =>
      changeRows(file.batches(), layout.tables, (row) => {
        changeSealed(row, 'seal', sealer);
        const keyId = row.table === 'password_credential' ? row.of('key_id') : '';
        if (keyId !== '') row.set('key_id', newIds.get(keyId) ?? lost(keyId));
        return true;
      });
    const tables = await target.add({ layout, batches }, onRows, async () => {
      const own = new Set(ownKeys.map(({ id }) => id));
      for (const { id, key } of brought) {
        const here = newIds.get(id) ?? id;
        if (!own.has(here)) await keys.keep({ id: here, key });
      }
      await audit.append({ type: 'people.imported', madeAt }, by);
    });
    return { madeAt, tables };
  };

/** Both servers may call different keys alike, so a key that is brought is called by what it is. */
function idHere(key: Buffer, ownKeys: readonly NamedKey[]): string {
  const own = ownKeys.find((one) => one.key.length === key.length && timingSafeEqual(one.key, key));
  return own?.id ?? `brought-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

function lost(keyId: string): never {
  throw new StartError(
    `The export has passwords that were made with the key ${keyId}, which is not in it. Nothing was changed.`,
    'Make it again on a server that has this key among its GATEHOUSE_PASSWORD_KEYS.',
  );
}
