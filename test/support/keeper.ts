/**
 * A process beside each test run that ends and removes what the run leaves behind. It lives on its standard input: the run
 * holds the other end, so the end of the run is seen even when the run was interrupted or killed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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
unmountBelow(run);
await rm(run, { recursive: true, force: true, maxRetries: 5 });

/** Small disks of tests that were killed before they could take them away (tmpfs.ts). */
function unmountBelow(folder: string): void {
  if (!existsSync('/proc/mounts')) return;
  const mounted = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const place of mounted.filter((path) => path.startsWith(`${folder}/`)))
    spawnSync('umount', ['-l', place]);
}

/** A negative id means everybody in the group. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
