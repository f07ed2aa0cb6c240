import Bowser from 'bowser';

/** What a person may recognize a device by. Every part is what its browser says of itself, and may be missing. */
export interface Device {
  /** `Firefox` */
  browser: string | null;
  /** `Windows` */
  system: string | null;
  kind: 'computer' | 'phone' | 'tablet' | null;
}

const kinds: Readonly<Record<string, Device['kind']>> = {
  desktop: 'computer',
  mobile: 'phone',
  tablet: 'tablet',
};

/** Never throws: strangers write what is read here. */
export function describeDevice(userAgent: string | null): Device {
  if (userAgent === null || userAgent.trim() === '') return { browser: null, system: null, kind: null };
  const { browser, os, platform } = Bowser.parse(userAgent);
  return {
    browser: known(browser.name),
    system: known(os.name),
    kind: kinds[platform.type ?? ''] ?? null,
  };
}

const known = (name: string | undefined): string | null =>
  name === undefined || name === '' ? null : name.slice(0, 40);
