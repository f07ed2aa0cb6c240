import { startGatehouse } from '../support/gatehouse.ts';
import { begin } from './flow-cost.ts';
import { flows, happen } from './flows.ts';
import { cpuOf, familyOf } from './measure.ts';
import { prepareServer } from './our-server.ts';

export interface EmbeddedFlows {
  perSecond: number;
  /** Milliseconds of CPU of one flow, of the server and the database in it. */
  cpu: number;
}

const warmUp = 100;
const count = 400;

/** Code flows on the embedded database: the authorization request of somebody who is signed in, then the code exchange. */
export async function measureEmbeddedFlows(): Promise<EmbeddedFlows> {
  const server = await startGatehouse({ database: 'embedded' });
  try {
    const ours = await prepareServer(server);
    const exchange = flows.find(({ name }) => name === 'code exchange');
    if (exchange === undefined) throw new Error('there is no code exchange');
    const run = async (codes: number): Promise<void> => happen(exchange, ours, await begin(ours, codes));
    const cpu = (): number => familyOf(server.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);
    await run(warmUp);
    const [before, began] = [cpu(), performance.now()];
    await run(count);
    return { perSecond: (count / (performance.now() - began)) * 1000, cpu: (cpu() - before) / count };
  } finally {
    await server.dispose();
  }
}
