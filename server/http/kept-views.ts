import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The sources of compiled templates, by the template's name. */
export type ViewSources = readonly (readonly [name: string, source: string])[];

/**
 * What everything that compiling depends on comes down to: each file of templates, and the compiler with its options. Two
 * folders with the same hash compile to the same sources.
 *
 * @param compiler of its version and options
 * @returns hexadecimal
 */
export async function hashViews(
  viewsDir: string,
  names: readonly string[],
  compiler: string,
): Promise<string> {
  const files = (await readdir(viewsDir, { recursive: true })).filter((file) => file.endsWith('.pug')).sort();
  const contents = await Promise.all(files.map((file) => readFile(join(viewsDir, file), 'utf8')));
  const all = [compiler, names, files, contents];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

/** The sources that an earlier start has kept under this hash, if they are whole. */
export async function readKeptViews(directory: string, hash: string): Promise<ViewSources | undefined> {
  const text = await readFile(fileOf(directory, hash), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const at = text.indexOf('\n');
  // A power cut may leave a name without its bytes.
  if (at < 0 || checkOf(text.slice(at + 1)) !== text.slice(0, at)) return undefined;
  return JSON.parse(text.slice(at + 1));
}

/** Keeps them for the next start, and nothing of other templates. Where the place cannot be written, nothing is kept. */
export async function keepViews(directory: string, hash: string, sources: ViewSources): Promise<void> {
  const file = fileOf(directory, hash);
  const own = `${file}.${process.pid}`;
  const text = JSON.stringify(sources);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(own, `${checkOf(text)}\n${text}`);
    await rename(own, file);
    const others = (await readdir(directory)).filter((name) => isKept.test(name) && !file.endsWith(name));
    await Promise.all(others.map((name) => rm(join(directory, name), { force: true })));
  } catch {
    await rm(own, { force: true }).catch(() => undefined);
  }
}

const isKept = /^views-[0-9a-f]{64}\.json$/;
const fileOf = (directory: string, hash: string): string => join(directory, `views-${hash}.json`);
const checkOf = (text: string): string => createHash('sha256').update(text).digest('hex');
