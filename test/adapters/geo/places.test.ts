import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openPlaces } from '../../../adapters/geo/places.ts';
import { writePlacesFile } from '../../support/places-file.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

describe('a database of places in the format of MaxMind', () => {
  let folder: string;
  beforeAll(async () => {
    folder = (await makeTempDir('places')).path;
  });
  const opened = () => {
    const file = join(folder, 'city.mmdb');
    writePlacesFile(file, [
      { network: '198.51.100.0/24', city: 'Zürich', country: 'Switzerland' },
      { network: '203.0.113.128/25', country: 'A country whose name is longer than twenty-nine letters' },
      { network: '192.0.2.7/32', city: 'Nowhere' },
    ]);
    return openPlaces(file);
  };

  it('says from which town and country an address is', () => {
    const find = opened();
    expect(find('198.51.100.0')).toEqual({ city: 'Zürich', country: 'Switzerland' });
    expect(find('198.51.100.255')).toEqual({ city: 'Zürich', country: 'Switzerland' });
    expect(find('203.0.113.200')).toEqual({
      city: null,
      country: 'A country whose name is longer than twenty-nine letters',
    });
    expect(find('192.0.2.7')).toEqual({ city: 'Nowhere', country: null });
  });

  it('says nothing of an address that it does not know, of IPv6 in one of IPv4, and of what is none', () => {
    const find = opened();
    for (const address of ['198.51.101.0', '203.0.113.1', '192.0.2.6', '2001:db8::1', 'nowhere', ''])
      expect(find(address)).toBeUndefined();
  });

  it('is refused at the start when it is another file', () => {
    const file = join(folder, 'other.mmdb');
    writeFileSync(file, 'no places');
    expect(() => openPlaces(file)).toThrow();
    expect(() => openPlaces(join(folder, 'absent.mmdb'))).toThrow(/ENOENT/);
  });
});
