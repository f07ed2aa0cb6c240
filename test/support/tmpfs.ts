import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from './temp-dir.ts';

/** A small file system in memory that a test can fill up. */
export interface SmallDisk {
  path: string;
  /** Fills it to the last byte. */
  fill(): void;
  /** Gives back what `fill` has taken. */
  free(): void;
  remove(): void;
}

/**
 * Mounts one. Only root may.
 *
 * @throws with what to do when it cannot be mounted: a full disk is not to be had otherwise, and nothing is skipped.
 */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const { path, remove } = await makeTempDir('small-disk');
  try {
    const how = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', path];
    execFileSync('mount', how, { stdio: 'pipe' });
  } catch (error) {
    await remove();
    throw new Error(
      'The tests of a full disk mount a small tmpfs, and this user may not. Run them as root, in a container that may mount (docker run --cap-add SYS_ADMIN).',
      { cause: error },
    );
  }
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      const file = openSync(filler, 'a');
      // Others write at the same time, so it is full only when the smallest piece does not fit any more.
      for (const size of [1024 * 1024, 4096]) while (fits(file, size));
      closeSync(file);
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' });
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function fits(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch {
    // ENOSPC; there is no other reason in a file system of one's own.
    return false;
  }
}
