import { once } from 'node:events';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { hashViews, keepViews, readKeptViews, type ViewSources } from './kept-views.ts';

/** A compiled template: a page of its values. */
export type Template = (self: Record<string, unknown>) => string;

/** `self` instead of a `with` block: a third less work. The layout unpacks it for all templates. */
const options = { self: true, compileDebug: false, inlineRuntimeFunctions: true, name: 'template' };

/**
 * The templates, compiled now or, as long as no file of them has changed, at an earlier start: the compiler takes half a
 * second, which is as much as everything else of a warm start.
 *
 * @param directory where they are kept; who can write there decides what this process runs
 * @throws Error of pug with file and line.
 */
export async function compileViews(
  viewsDir: string,
  names: readonly string[],
  directory: string,
): Promise<ReadonlyMap<string, Template>> {
  const hash = await hashViews(viewsDir, names, compiler());
  let sources = await readKeptViews(directory, hash);
  if (sources === undefined) {
    sources = await compile(viewsDir, names);
    await keepViews(directory, hash, sources);
  }
  return new Map(sources.map(([name, source]) => [name, toTemplate(name, source)]));
}

/** In a thread that ends when it has done so: the compiler takes 24 MB, which nobody needs afterwards. */
async function compile(viewsDir: string, names: readonly string[]): Promise<ViewSources> {
  const thread = new Worker(new URL('./view-compiler.js', import.meta.url), {
    workerData: { viewsDir, names, options },
  });
  const [sources] = (await once(thread, 'message')) as [ViewSources];
  await thread.terminate();
  return sources;
}

/** Which compiler it is, without loading it. */
function compiler(): string {
  const { version } = createRequire(import.meta.url)('pug/package.json') as { version: string };
  return JSON.stringify([version, options]);
}

/** The source is pug's own, made of our files; the thread could only hand it over as text. */
function toTemplate(name: string, source: string): Template {
  return compileFunction(`${source}; return template;`, [], { filename: `${name}.pug` })();
}
