import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeClientErrorStore } from '../../adapters/postgres/stores/client-error-store.ts';
import { keptSamples } from '../clients/refusals/client-error.ts';
import { makeErrorIds } from '../clients/refusals/error-ids.ts';
import { makeNoteRefusals, type NoteRefusalsDeps } from '../clients/refusals/note-refusals.ts';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { NamedKey } from '../keys/key-list.ts';
import type { Log } from '../log.ts';
import type { ClientReader } from '../oidc/client-adapter.ts';

export interface RefusalsDeps {
  database: Database;
  cookieKeys: readonly NamedKey[];
  clock: Clock;
  ids: Ids;
  log: Log;
  clientReader: Pick<ClientReader, 'find'>;
}

/** Why clients are refused: where it is kept, and how it gets there. */
export function makeRefusals({ database, cookieKeys, clock, ids, log, clientReader }: RefusalsDeps) {
  const isRegistered = async (clientId: string) => (await clientReader.find(clientId)) !== undefined;
  const clientErrors = makeClientErrorStore(database, keptSamples);
  return {
    clientErrors,
    errorIds: makeErrorIds(cookieKeys, () => ids.id()),
    refusals: makeNoteRefusals({ clientErrors, isRegistered, clock, log, limits }),
  };
}

/**
 * Entries that one process begins: 1,000 in an hour and 700 more in the first at most, of about a kilobyte, whatever strangers
 * send. An app in trouble has a handful of reasons, and is far from sixty.
 */
const limits: NoteRefusalsDeps['limits'] = {
  strangers: { most: 40, perHour: 60 },
  client: { most: 60, perHour: 60 },
  allClients: { most: 400, perHour: 600 },
  collective: { most: 200, perHour: 300 },
};
