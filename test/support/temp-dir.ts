import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { places, runDirectory } from './run-directory.ts';

export interface TempDir {
  path: string;
  remove(): Promise<void>;
}

/** A new, empty folder (mode 0700). It goes with the run, or earlier by remove(). */
export async function makeTempDir(name = 'test'): Promise<TempDir> {
  const path = await mkdtemp(join(places.temporary(runDirectory()), `${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
