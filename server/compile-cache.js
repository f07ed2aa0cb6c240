// Plain JavaScript: it runs before anything that needs its types stripped.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Keeps what V8 has compiled and Node has stripped of types from one start to the next. The place is beside the packages,
 * which only who installed them can write: Node's own choice is the temporary directory, where another user of the machine
 * could have put code of theirs. Where the place cannot be written, nothing is kept and nothing fails.
 */
export function keepCompiledCode() {
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/gatehouse', import.meta.url)));
}

/** Writes it now and not only when the process ends in order. */
export function writeCompiledCode() {
  module.flushCompileCache();
}
