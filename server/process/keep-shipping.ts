import { leaseOf, makeShip } from '../audit/shipping/ship.ts';
import { startAuditShipping } from './audit-shipping.ts';
import type { KeepCleanDeps } from './keep-clean.ts';

/** Starts the sending on of the audit log in this process; returns what ends it. */
export function keepShipping({ house, log, metrics }: KeepCleanDeps): () => Promise<void> {
  const { auditSinks, auditReader, sinkStates, leases, clock } = house;
  const owner = house.ids.id();
  const ships = auditSinks.map((sink) => {
    const ship = makeShip({
      sink,
      states: sinkStates,
      readChain: async (after, most) => (await auditReader.chained({}, after, most)).items,
      lease: leases,
      owner,
      clock,
      chance: Math.random,
      onFailure: (error) => log.warn('a sink does not take the audit log', { sink: sink.name, error }),
    });
    const release = () => leases.release(leaseOf(sink), owner).catch(() => {});
    return [sink.name, { ship, release }] as const;
  });
  for (const { name } of auditSinks) watchSink(name, sinkStates, metrics);
  return startAuditShipping({ ships: new Map(ships), log });
}

/** What operators want to be woken for: a sink that has not got the log. */
function watchSink(
  name: string,
  { all, end }: KeepCleanDeps['house']['sinkStates'],
  metrics: KeepCleanDeps['metrics'],
): void {
  const stateOf = async () => (await all()).find((state) => state.name === name);
  metrics.asked(
    `gatehouse_audit_${name}_position`,
    'Sequence number of the last event of the audit log that this sink has.',
    async () => (await stateOf())?.position ?? 0,
  );
  metrics.asked(
    `gatehouse_audit_${name}_waiting`,
    'Events of the audit log that this sink does not have yet.',
    async () => Math.max(0, (await end()) - ((await stateOf())?.position ?? 0)),
  );
  metrics.asked(
    `gatehouse_audit_${name}_failures`,
    'Failures of this sink in a row, up to now.',
    async () => (await stateOf())?.failures ?? 0,
  );
}
