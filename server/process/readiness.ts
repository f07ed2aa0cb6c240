import type { Database } from '../../adapters/postgres/connection/database.ts';

/** How long one answer of the database counts: probes must not become load. */
const freshFor = 1000;
const patience = 2000;

type Word = 'starting' | 'ready' | 'database' | 'draining';

/** Whether this process should get traffic; `ready`, or in a word why not. */
export function makeReadiness() {
  let database: Pick<Database, 'ping'> | undefined;
  let draining = false;
  let checkedAt = 0;
  let last: Promise<Word> = Promise.resolve('starting');
  const check = async (asked: Pick<Database, 'ping'>): Promise<Word> => {
    const timeout = new Promise<Word>((resolve) => setTimeout(resolve, patience, 'database').unref());
    const ping = asked.ping().then(
      (): Word => 'ready',
      (): Word => 'database',
    );
    return Promise.race([ping, timeout]);
  };
  return {
    /** The start is over: from now on it is the database that decides. */
    started(opened: Pick<Database, 'ping'>): void {
      database = opened;
    },
    drain(): void {
      draining = true;
    },
    get draining(): boolean {
      return draining;
    },
    async read(): Promise<Word> {
      if (draining) return 'draining';
      if (database === undefined) return 'starting';
      if (Date.now() - checkedAt > freshFor) {
        checkedAt = Date.now();
        last = check(database);
      }
      return last;
    },
  };
}

export type Readiness = ReturnType<typeof makeReadiness>;
