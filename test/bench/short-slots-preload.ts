/**
 * `node --import` of this file makes the half hours of docs/decisions/0011 as short as `SLOT_SECONDS` says, so that the growth
 * of hours can be watched in minutes. Only that measurement does this; the server has no such setting.
 */
import { registerHooks } from 'node:module';

const place = '/adapters/postgres/artifacts/row.ts';
const original = 'export const slotSeconds = 1800;';
const seconds = Number(process.env.SLOT_SECONDS);
if (!(seconds > 0)) throw new Error('SLOT_SECONDS=seconds');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(place)) return loaded;
    const source =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    if (!source.includes(original)) throw new Error(`${place} no longer says: ${original}`);
    return { ...loaded, source: source.replace(original, `export const slotSeconds = ${seconds};`) };
  },
});
