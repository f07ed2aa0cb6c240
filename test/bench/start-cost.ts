import { type GatehouseOptions, startGatehouse } from '../support/gatehouse.ts';
import { median } from './measure.ts';

export interface StartTimes {
  first: number;
  warmEmbedded: number;
  warmExternal: number;
}

/** Milliseconds from the start of the process until `/readyz` says ready: medians of a few starts. */
export async function measureStarts(): Promise<StartTimes> {
  return {
    first: median(await timesOf(3, () => firstStart({ database: 'embedded' }))),
    warmEmbedded: await warmStart('embedded'),
    warmExternal: await warmStart('postgres'),
  };
}

async function firstStart(options: GatehouseOptions): Promise<number> {
  const began = performance.now();
  const server = await startGatehouse(options);
  const took = performance.now() - began;
  await server.dispose();
  return took;
}

async function warmStart(database: 'embedded' | 'postgres'): Promise<number> {
  let server = await startGatehouse({ database });
  const times = await timesOf(5, async () => {
    await server.stop();
    const began = performance.now();
    server = await server.startAgain();
    return performance.now() - began;
  });
  await server.dispose();
  return median(times);
}

async function timesOf(count: number, measure: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < count; run += 1) times.push(await measure());
  return times;
}
