// Plain JavaScript: it runs before anything that needs its types stripped.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * The place for what is compiled once and used at every start. It is beside the packages, which only who installed them can
 * write: the temporary directory is a place where another user of the machine could have put code of theirs.
 */
export function keptCode() {
  return fileURLToPath(new URL('../node_modules/.cache/gatehouse', import.meta.url));
}

/**
 * Keeps what V8 has compiled and Node has stripped of types from one start to the next. Where the place cannot be written,
 * nothing is kept and nothing fails.
 */
export function keepCompiledCode() {
  module.enableCompileCache(keptCode());
}

/** Writes it now and not only when the process ends in order. */
export function writeCompiledCode() {
  module.flushCompileCache();
}
