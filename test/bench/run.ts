/**
 * `npm run bench` measures the figures beside the bare engine and prints them, `-- --requests` only those of requests; `-- --large` measures them on a database with 20
 * million rows beside one with 20,000, `-- --growth` watches a database under constant load, `-- --storm` lets two hundred people
 * sign in at once, `-- --timing` compares sign-ins that fail for different reasons, `-- --import` imports people,
 * `-- --audit` writes, chains and verifies the audit log, `-- --foreign-hashes` checks passwords as other systems have hashed them. `--write` puts the figures into
 * docs/performance.md.
 */
import setUp from '../support/global-setup.ts';
import tearDown from '../support/global-teardown.ts';
import { describeAudit, measureAudit } from './audit.ts';
import { publish, table } from './document.ts';
import { measureEmbeddedFlows } from './embedded-flows.ts';
import { measureFlowCost } from './flow-cost.ts';
import { describeForeignHashes, measureForeignHashes } from './foreign-hashes.ts';
import { describeGrowth, watchGrowth } from './growth.ts';
import { describeImport, measureImport } from './import.ts';
import { describeLarge, measureLarge } from './large.ts';
import { measureMemory } from './memory-cost.ts';
import { countPackages } from './packages.ts';
import { describeSignIn, measureSignIn } from './sign-in-cost.ts';
import { measureStarts } from './start-cost.ts';
import { describeStorm, measureStorm } from './storm.ts';
import { describeTiming, measureTiming } from './timing.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const has = (flag: string): boolean => process.argv.includes(flag);
const numberAfter = (flag: string, otherwise: number): number => {
  const at = process.argv.indexOf(flag);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

await setUp();
try {
  if (has('--large')) {
    publish(
      'large',
      describeLarge(await measureLarge({ accounts: numberAfter('--accounts', 1_000_000), say })),
    );
  } else if (has('--growth')) {
    publish('growth', describeGrowth(await watchGrowth({ minutes: numberAfter('--minutes', 10), say })));
  } else if (has('--storm')) {
    const storm = describeStorm(await measureStorm({ rounds: numberAfter('--rounds', 10), say }));
    publish('storm', `${storm}\n\n${describeSignIn(await measureSignIn(100))}`);
  } else if (has('--timing')) {
    publish('timing', describeTiming(await measureTiming(numberAfter('--samples', 300), say)));
  } else if (has('--import')) {
    publish('import', describeImport(await measureImport(numberAfter('--users', 100_000), say)));
  } else if (has('--audit')) {
    const rows = numberAfter('--rows', 1_000_000);
    publish('audit', describeAudit(await measureAudit({ events: 100_000, rows, say })));
  } else if (has('--foreign-hashes')) {
    publish('foreign-hashes', describeForeignHashes(measureForeignHashes(say)));
  } else {
    if (!has('--requests')) publish('figures', await measureHouse());
    publish('requests', await measureRequests());
  }
} finally {
  await tearDown();
}

async function measureHouse(): Promise<string> {
  say('starts');
  const starts = await measureStarts();
  say('flows on the embedded database');
  const embedded = await measureEmbeddedFlows();
  say('memory');
  const memory = await measureMemory(say);
  const packages = countPackages();
  return table(
    ['figure', 'bar', 'measured'],
    [
      ['First start, empty directory, until ready', '8 s', seconds(starts.first)],
      ['Warm start, embedded database', '2 s', seconds(starts.warmEmbedded)],
      ['Warm start, external PostgreSQL', '1.2 s', seconds(starts.warmExternal)],
      ['Resident memory at rest, embedded, after 3,000 sign-ins', '350 MB', `${memory.embedded} MB`],
      ['Resident memory at rest, external PostgreSQL', '160 MB', `${memory.external} MB`],
      [
        'Sign-in page over the wire, all included',
        '30 kB',
        `${(memory.pageBytes / 1000).toFixed(1)} kB in ${memory.pageRequests} requests`,
      ],
      [
        'Packages of `npm ci --omit=dev`',
        '280',
        `${packages.count} (heaviest: ${packages.heaviest.join(', ')})`,
      ],
      [
        'Embedded: code flows a second (authorization request of somebody who is signed in, code, tokens)',
        'none',
        `${embedded.perSecond.toFixed(0)} (${embedded.cpu.toFixed(1)} ms of CPU each, database included)`,
      ],
    ],
  );
}

async function measureRequests(): Promise<string> {
  say('requests beside the bare engine');
  const costs = await measureFlowCost({
    warmUps: numberAfter('--warm', 20),
    rounds: 15,
    perRound: 150,
  });
  return table(
    [
      'one request',
      'bar',
      'beside the engine',
      'rounds',
      'CPU',
      'engine alone',
      'CPU of PostgreSQL',
      'write-ahead log',
    ],
    costs.map(({ name, gatehouse, database, wal, bare }) => [
      name,
      ...(bare === undefined
        ? ['none', '', '']
        : [
            name.includes('JWT') ? '1.3 times' : '1.5 times',
            `${bare.ratio.toFixed(2)} times`,
            `${bare.lowest.toFixed(2)} to ${bare.highest.toFixed(2)}`,
          ]),
      `${gatehouse.toFixed(2)} ms`,
      bare === undefined ? '' : `${bare.cpu.toFixed(2)} ms`,
      `${database.toFixed(2)} ms`,
      `${Math.round(wal)} bytes`,
    ]),
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
