import type { Database } from '../../adapters/postgres/database.ts';

/** How long one answer of the database counts: probes must not become load. */
const freshFor = 1000;
const patience = 2000;

/** Whether this process should get traffic; `ready`, or in a word why not. */
export function makeReadiness(database: Pick<Database, 'ping'>) {
  let draining = false;
  let checkedAt = 0;
  let last: Promise<string> = Promise.resolve('starting');
  const check = async (): Promise<string> => {
    const timeout = new Promise<string>((resolve) => setTimeout(resolve, patience, 'database').unref());
    const ping = database.ping().then(
      () => 'ready',
      () => 'database',
    );
    return Promise.race([ping, timeout]);
  };
  return {
    drain(): void {
      draining = true;
    },
    get draining(): boolean {
      return draining;
    },
    async read(): Promise<string> {
      if (draining) return 'draining';
      if (Date.now() - checkedAt > freshFor) {
        checkedAt = Date.now();
        last = check();
      }
      return last;
    },
  };
}

export type Readiness = ReturnType<typeof makeReadiness>;
