/**
 * `node --import` of this file, with `CRASH_AT=name@pass+delay`, kills the process where the source says `// crash point: name`:
 * at that pass, the first when left out, and so many milliseconds later. Only tests do this. Without it the points are
 * comments, so the server that people run is the one that is tested here, and pays nothing.
 */
import { registerHooks } from 'node:module';

const project = new URL('../../', import.meta.url).href;
const [, name, pass = '1', delay] =
  /^([a-z_]+)(?:@(\d+))?(?:\+(\d+))?$/.exec(process.env.CRASH_AT ?? '') ?? [];
if (name === undefined)
  throw new Error('CRASH_AT=name, name@pass, name+milliseconds or name@pass+milliseconds');

let passes = 0;
const die = (): void => void process.kill(process.pid, 'SIGKILL');
Object.assign(globalThis, {
  crashPoint(): void {
    passes += 1;
    if (passes !== Number(pass)) return;
    if (delay === undefined) die();
    else setTimeout(die, Number(delay));
  },
});

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith(project) || url.includes('/node_modules/') || loaded.source === undefined)
      return loaded;
    const source =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    const point = `// crash point: ${name}\n`;
    return source.includes(point)
      ? { ...loaded, source: source.replaceAll(point, 'globalThis.crashPoint();\n') }
      : loaded;
  },
});
