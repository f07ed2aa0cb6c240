import type { Config } from '../config/schema.ts';
import type { Log } from '../log.ts';
import { type House, makeHouse } from './house.ts';
import { openStorage, type Storage } from './storage.ts';

/** Storage and use cases of a server process. */
export async function openHouse(config: Config, log: Log): Promise<{ storage: Storage; house: House }> {
  const storage = await openStorage(config);
  return { storage, house: makeHouse(config, storage, log) };
}
