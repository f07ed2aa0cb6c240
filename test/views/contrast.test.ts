import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';

const sheet = new URL('../../views/static/style.css', import.meta.url);

/** Text on its ground, and what WCAG 2.2 asks of it (1.4.3: 4.5 for text; 1.4.11: 3 for edges of controls). */
const pairs: [string, string, number][] = [
  ['ink', 'paper', 4.5],
  ['ink', 'panel', 4.5],
  ['ink', 'tint', 4.5],
  ['muted', 'paper', 4.5],
  ['muted', 'panel', 4.5],
  ['accent', 'paper', 4.5],
  ['accent', 'panel', 4.5],
  ['accent', 'tint', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-strong', 4.5],
  ['danger', 'danger-tint', 4.5],
  ['warn', 'warn-tint', 4.5],
  ['edge', 'panel', 3],
];

describe.each(['light', 'dark'] as const)('the %s colours', (mood) => {
  let colours: Map<string, string>;

  beforeAll(async () => {
    const [light = '', dark = ''] = (await readFile(sheet, 'utf8')).match(/:root \{[^}]*\}/g) ?? [];
    const declared = [...`${light}${mood === 'dark' ? dark : ''}`.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)];
    colours = new Map(declared.map(([, name = '', value = '']) => [name, value]));
  });

  it.each(pairs)('make %s readable on %s (%d:1)', (text, ground, least) => {
    const [a, b] = [luminance(colours.get(text)), luminance(colours.get(ground))];
    expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThanOrEqual(least);
  });
});

/** Relative luminance of WCAG 2.2. */
function luminance(hex: string | undefined): number {
  if (hex === undefined) throw new Error('no such colour');
  const short = hex.length === 4;
  const digits = hex
    .slice(1)
    .match(short ? /./g : /../g)
    ?.map((pair) => (short ? pair + pair : pair));
  const [red = 0, green = 0, blue = 0] = (digits ?? []).map((pair) => {
    const share = Number.parseInt(pair, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
