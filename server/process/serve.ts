import type { House } from '../compose/house.ts';
import type { Storage } from '../compose/storage.ts';
import { makeWeb } from '../compose/web.ts';
import type { Mode } from '../config/issuer.ts';
import type { Config } from '../config/schema.ts';
import type { Metrics } from '../http/management.ts';
import type { Log } from '../log.ts';
import { drain, listen, makePublicServer } from './listener.ts';
import { makeReadiness, type Readiness } from './readiness.ts';

export interface Serving {
  readiness: Readiness;
  /** Tells probes that no traffic should come, then lets running requests end. */
  drain(): Promise<void>;
}

export interface ServeDeps {
  config: Config;
  mode: Mode;
  storage: Storage;
  house: House;
  log: Log;
  metrics: Metrics;
}

/** Builds the web side and listens on the public port. */
export async function serve({ config, mode, storage, house, log, metrics }: ServeDeps): Promise<Serving> {
  const readiness = makeReadiness(storage.database);
  const signingKeys = await house.signingKeys.load();
  const web = await makeWeb({ config, mode, storage, house, log, metrics, signingKeys });
  const server = makePublicServer(config, (req, res) => {
    // Keep-alive connections would outlive the drain: the client opens its next one at another process.
    if (readiness.draining) res.setHeader('connection', 'close');
    void web(req, res);
  });
  await listen(server, config.listen.host, config.listen.port, 'GATEHOUSE_PORT');
  return {
    readiness,
    async drain() {
      readiness.drain();
      await drain(server, config.process.drainTimeout);
    },
  };
}
