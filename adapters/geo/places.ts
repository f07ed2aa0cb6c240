import { readFileSync } from 'node:fs';
import { Reader } from 'mmdb-lib';
import type { FindPlace } from '../../server/sessions/list-sessions.ts';

/** What is read of an entry; databases of countries have no city. */
interface Entry {
  city?: { names?: { en?: string } };
  country?: { names?: { en?: string } };
}

/**
 * Places of network addresses, from a file in the format of MaxMind (https://maxmind.github.io/MaxMind-DB/), read once.
 *
 * @throws Error when the file cannot be read or is no such database
 */
export function openPlaces(file: string): FindPlace {
  const reader = new Reader<never>(readFileSync(file));
  const find = (ip: string): Entry | null => reader.get(ip);
  // One that cannot be looked up in at all is found out now and not when somebody looks.
  find('192.0.2.1');
  return (ip) => {
    const entry = lookUp(find, ip);
    const city = entry?.city?.names?.en ?? null;
    const country = entry?.country?.names?.en ?? null;
    return city === null && country === null ? undefined : { city, country };
  };
}

/** An IPv6 address in a database of IPv4 ones is an address that it does not know. */
function lookUp(find: (ip: string) => Entry | null, ip: string): Entry | null {
  try {
    return find(ip);
  } catch {
    return null;
  }
}
