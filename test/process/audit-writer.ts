/**
 * One process of several that write into the audit log at once, and chain it as a server does: arguments are the URL, the key in
 * hex, how many events it writes, how many transactions it has open at once, and which share of them it undoes. Says a line of JSON
 * for each event that was kept, `[lane, number]`, and stays until SIGTERM.
 */
import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeChainStore } from '../../adapters/postgres/stores/audit-chain.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { makeLeaseStore } from '../../adapters/postgres/stores/lease-store.ts';
import { makeExtendChain } from '../../server/audit/chain/extend.ts';
import { systemClock } from '../../server/clock.ts';
import { startChaining } from '../../server/process/chaining.ts';

const [, , url = '', key = '', events = '0', lanes = '1', undone = '0'] = process.argv;
const database = openDatabase({
  where: { kind: 'url', url },
  poolMax: Number(lanes) + 2,
  acquireTimeout: 30_000,
  connectTimeout: 30_000,
  statementTimeout: 30_000,
});
const keys = makeAuditKeys([{ id: 'tests', key: Buffer.from(key, 'hex') }]);
const audit = makeAuditLog(database, systemClock, keys);
const chain = makeChainStore(database);
const fail = (message: string, context?: object): void => console.error(message, context);
const stop = startChaining({
  owner: String(process.pid),
  lease: makeLeaseStore(database),
  look: chain.look,
  extend: makeExtendChain({ keys, chain }),
  log: { debug: fail, info: fail, warn: fail, error: fail },
});

const each = Math.ceil(Number(events) / Number(lanes));
await Promise.all(Array.from({ length: Number(lanes) }, (_, lane) => write(`${process.pid}/${lane}`)));
console.log('"written"');
process.once('SIGTERM', () => void stop().then(() => database.close()));

async function write(lane: string): Promise<void> {
  const undo = new Error('undone');
  for (let number = 0; number < each; number += 1) {
    const isUndone = Math.random() < Number(undone);
    await database
      .inTransaction(async () => {
        await audit.append(
          { type: 'signin.failed', accountId: lane, reason: String(number) },
          {
            kind: 'anonymous',
            ip: '203.0.113.7',
            userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
            requestId: lane,
          },
        );
        // Commits overtake each other.
        if (Math.random() < Number(undone)) await database.run('select pg_sleep(random() * 0.02)', []);
        if (isUndone) throw undo;
      })
      .then(
        () => console.log(JSON.stringify([lane, number])),
        (error: unknown) => {
          if (error !== undo) throw error;
        },
      );
  }
}
