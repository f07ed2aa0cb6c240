import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepKeeper } from './keeper-handle.ts';
import { places, runDirectoryVariable } from './run-directory.ts';

/** Makes the folder of the run and starts its keeper. PostgreSQL comes up meanwhile; createDatabase() waits for it. */
export default async function setUp(): Promise<void> {
  const run = await mkdtemp(join(tmpdir(), 'gatehouse-run-'));
  // PostgreSQL refuses to be root, so its own user must be able to pass through here.
  await chmod(run, 0o711);
  for (const place of [places.temporary, places.processes, places.ports])
    await mkdir(place(run), { mode: 0o711 });
  process.env[runDirectoryVariable] = run;
  process.env.TMPDIR = places.temporary(run);
  const keeper = spawn(process.execPath, [fileURLToPath(new URL('./keeper.ts', import.meta.url)), run], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  keepKeeper(keeper);
}
