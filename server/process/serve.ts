import type { RequestListener, Server } from 'node:http';
import type { House } from '../compose/house.ts';
import type { Storage } from '../compose/storage.ts';
import { makeWeb, type Web } from '../compose/web.ts';
import type { Mode } from '../config/issuer.ts';
import type { Config } from '../config/schema.ts';
import type { Metrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import type { SettingRules } from '../settings/settings.ts';
import { drain, listen, makePublicServer } from './listener.ts';
import type { Readiness } from './readiness.ts';

export interface Door {
  /** Takes the public port. Whoever comes before `open` is told to come back in a moment. */
  listen(): Promise<void>;
  open(web: RequestListener): void;
  /** Tells probes that no traffic should come, then lets running requests end. */
  drain(): Promise<void>;
}

/** The public port, apart from what answers there: it is taken before anything is written. */
export function makeDoor(config: Config, readiness: Readiness): Door {
  let answer = notYet;
  const server: Server = makePublicServer(config, (req, res) => {
    // Keep-alive connections would outlive the drain: the client opens its next one at another process.
    if (readiness.draining) res.setHeader('connection', 'close');
    answer(req, res);
  });
  return {
    listen: () => listen(server, config.listen.host, config.listen.port, 'GATEHOUSE_PORT'),
    open(web) {
      answer = web;
    },
    async drain() {
      readiness.drain();
      await drain(server, config.process.drainTimeout);
    },
  };
}

const notYet: RequestListener = (req, res) => {
  const alive = req.url === '/healthz';
  res
    .writeHead(alive ? 200 : 503, {
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      ...(alive ? {} : { 'retry-after': '1' }),
    })
    .end(alive ? 'alive\n' : 'starting\n');
};

export interface ServeDeps {
  config: Config;
  mode: Mode;
  storage: Storage;
  house: House;
  log: Log;
  metrics: Metrics;
  settingRules: SettingRules;
}

/** Everything that answers on the public port, on keys that are there already. */
export async function makeAnswers(deps: ServeDeps): Promise<Web> {
  const signingKeys = await deps.house.signingKeys.load();
  measureCaches(deps);
  deps.metrics.gauge('gatehouse_processes', 'Processes that answer on the public port.', () => 1);
  return makeWeb({ ...deps, signingKeys });
}

function measureCaches({ house: { changes, clientReader }, metrics }: ServeDeps): void {
  changes.measure(metrics);
  const [hits, misses] = ['gatehouse_client_cache_hits_total', 'gatehouse_client_cache_misses_total'];
  metrics.total(hits, 'Clients that were in memory.', () => clientReader.counts().hits);
  metrics.total(misses, 'Clients that had to be read.', () => clientReader.counts().misses);
}

/** Seconds in which a stop must have come to its end: what running requests may take, and closing everything. */
export const stopWithin = ({ process: { drainTimeout } }: Config): number => drainTimeout + 1.9;
