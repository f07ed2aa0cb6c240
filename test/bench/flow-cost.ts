import { startGatehouse } from '../support/gatehouse.ts';
import { cpuBetween, type DatabaseMeter, openDatabaseMeter } from './database-use.ts';
import { startBareEngine } from './engine-process.ts';
import { flows, type Held, happen, jwtFlow, type Measured } from './flows.ts';
import { cpuOf, median } from './measure.ts';
import { prepareServer } from './our-server.ts';

/** Of one flow, per request. */
export interface FlowCost {
  name: string;
  /** Milliseconds of CPU. */
  gatehouse: number;
  /** Milliseconds of CPU of PostgreSQL, and bytes of its write-ahead log. */
  database: number;
  wal: number;
  /** The engine alone, where it does the same: milliseconds, and the median of the ratios of the rounds with their spread. */
  bare: { cpu: number; ratio: number; lowest: number; highest: number } | undefined;
}

export interface CostOptions {
  /** Rounds that are not counted, until what is compiled is compiled. */
  warmUps: number;
  rounds: number;
  /** Requests of each flow in a round: few enough for the engine's in-memory adapter, which keeps 1,000 things. */
  perRound: number;
}

interface Sample {
  gatehouse: number;
  database: number;
  wal: number;
  bare?: number;
}

/** Sign-ins by password in a round: they cost much more than anything else. */
const signIns = 10;
const signInName = 'sign-in by password: authorization request, page, form, resumed';

/** Token requests of our server on PostgreSQL beside the bare engine in memory, flow by flow and round by round in turn. */
export async function measureFlowCost({ warmUps, rounds, perRound }: CostOptions): Promise<FlowCost[]> {
  const server = await startGatehouse({ database: 'postgres', env: { GATEHOUSE_LOG_LEVEL: 'info' } });
  if (server.database === 'embedded') throw new Error('not on PostgreSQL');
  const ours = await prepareServer(server);
  const theirs = await startBareEngine(ours);
  const meter = await openDatabaseMeter(server.database.superuserUrl);
  const measured = [...flows, jwtFlow(`${server.issuer}/api/admin`)];
  const samples = new Map<string, Sample[]>();
  const keep = (name: string, sample: Sample): void =>
    void samples.set(name, [...(samples.get(name) ?? []), sample]);
  try {
    for (let round = -warmUps; round < rounds; round += 1) {
      const held = { ours: emptyHanded(), theirs: await begin(theirs, perRound) };
      const silent = await spentOn(perRound, server.pid, meter, async () => {
        held.ours = await begin(ours, perRound);
      });
      if (round >= 0) keep('authorization request, signed in already', silent);
      for (const flow of measured) {
        const sample = await spentOn(perRound, server.pid, meter, () => happen(flow, ours, held.ours));
        const { gatehouse: bare } = await spentOn(perRound, theirs.pid, undefined, () =>
          happen(flow, theirs, held.theirs),
        );
        if (round >= 0) keep(flow.name, { ...sample, bare });
      }
      if (round >= 0) keep(signInName, await spentOn(signIns, server.pid, meter, () => ours.signIn(signIns)));
    }
    return [...samples].map(([name, kept]) => summary(name, kept));
  } finally {
    theirs.stop();
    await meter.end();
    await server.dispose();
  }
}

const emptyHanded = (): Held => ({ codes: [], access: [], refresh: [] });

export async function begin(target: Measured, count: number): Promise<Held> {
  return { ...emptyHanded(), codes: await target.codes(count) };
}

/** What each of `count` requests has cost the server's process and the database while `work` was done. */
export async function spentOn(
  count: number,
  pid: number,
  meter: DatabaseMeter | undefined,
  work: () => Promise<void>,
): Promise<Sample> {
  const database = await meter?.read();
  const before = cpuOf(pid);
  await work();
  const gatehouse = (cpuOf(pid) - before) / count;
  const after = await meter?.read();
  if (database === undefined || after === undefined) return { gatehouse, database: 0, wal: 0 };
  return {
    gatehouse,
    database: cpuBetween(database, after) / count,
    wal: (after.wal - database.wal) / count,
  };
}

function summary(name: string, samples: readonly Sample[]): FlowCost {
  const of = (field: 'gatehouse' | 'database' | 'wal') => median(samples.map((sample) => sample[field]));
  const bares = samples.flatMap(({ bare }) => bare ?? []);
  const ratios = samples.flatMap(({ gatehouse, bare }) => (bare === undefined ? [] : gatehouse / bare));
  return {
    name,
    gatehouse: of('gatehouse'),
    database: of('database'),
    wal: of('wal'),
    bare:
      bares.length === 0
        ? undefined
        : {
            cpu: median(bares),
            ratio: median(ratios),
            lowest: Math.min(...ratios),
            highest: Math.max(...ratios),
          },
  };
}
