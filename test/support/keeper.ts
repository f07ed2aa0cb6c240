/**
 * A process beside each test run that ends and removes what the run leaves behind. It lives on its standard input: the run
 * holds the other end, so the end of the run is seen even when the run was interrupted or killed.
 */
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { startCluster } from './postgres-cluster.ts';
import { places } from './run-directory.ts';

const run = process.argv[2];
if (run === undefined) throw new Error('keeper.ts is started by global-setup.ts with the folder of the run.');

// A ^C goes to every process of the terminal; the keeper must outlive the run by a moment.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const cluster = startCluster(places.postgres(run)).then(
  async (started) => {
    const draft = `${places.postgresReady(run)}.draft`;
    await writeFile(draft, JSON.stringify(started.urls));
    await rename(draft, places.postgresReady(run));
    return started;
  },
  async (error: unknown) => {
    await writeFile(places.postgresFailed(run), error instanceof Error ? error.message : String(error));
    return undefined;
  },
);

for await (const _ of process.stdin);

for (const name of await readdir(places.processes(run))) end(Number(name));
await (await cluster)?.stop();
await rm(run, { recursive: true, force: true, maxRetries: 5 });

/** A negative id means everybody in the group. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
