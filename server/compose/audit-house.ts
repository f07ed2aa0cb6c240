import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeAuditReader } from '../../adapters/postgres/stores/audit-reader.ts';
import { makeKnownStart } from '../../adapters/postgres/stores/known-start.ts';
import type { PayloadSealer } from '../../adapters/postgres/stores/outbox.ts';
import { makeSinkStates } from '../../adapters/postgres/stores/sink-states.ts';
import type { Addresses } from '../audit/addresses.ts';
import type { AuditLog } from '../audit/event.ts';
import { makeExportEvents } from '../audit/export-events.ts';
import { makeNoteSchema, makeNoteStart } from '../audit/note-start.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { InTransaction } from '../transaction.ts';
import { makeAuditSinks } from './audit-sinks.ts';

export interface AuditHouseDeps {
  config: Config;
  database: Database;
  envelope: PayloadSealer;
  auditAddresses: Addresses;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

/** What reads the audit log, sends it on and notes what nobody does through a use case. */
export function makeAuditHouse(deps: AuditHouseDeps) {
  const { config, database, envelope, auditAddresses, ...ports } = deps;
  const auditReader = makeAuditReader(database);
  const sinkStates = makeSinkStates(database);
  const noting = { ...ports, knownStart: makeKnownStart(database, envelope) };
  return {
    auditReader,
    auditAddresses,
    sinkStates,
    auditSinks: makeAuditSinks(config, ports.clock),
    exportEvents: makeExportEvents({ ...ports, auditReader, chainEnd: sinkStates.end }),
    noteStart: makeNoteStart(noting),
    noteSchema: makeNoteSchema(noting),
  };
}
