import { once } from 'node:events';
import { compileFunction } from 'node:vm';
import { Worker } from 'node:worker_threads';

/** A compiled template: a page of its values. */
export type Template = (self: Record<string, unknown>) => string;

/**
 * Compiles templates in a thread that ends when it has done so: the compiler takes 24 MB, which nobody needs afterwards.
 *
 * @throws Error of pug with file and line.
 */
export async function compileViews(
  viewsDir: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Template>> {
  const compiler = new Worker(new URL('./view-compiler.js', import.meta.url), {
    workerData: { viewsDir, names },
  });
  const [sources] = (await once(compiler, 'message')) as [readonly [name: string, source: string][]];
  await compiler.terminate();
  return new Map(sources.map(([name, source]) => [name, toTemplate(name, source)]));
}

/** The source is pug's own, made of our files; the thread could only hand it over as text. */
function toTemplate(name: string, source: string): Template {
  return compileFunction(`${source}; return template;`, [], { filename: `${name}.pug` })();
}
