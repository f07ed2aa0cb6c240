export interface Line {
  name: string;
  color: string;
  points: readonly (readonly [number, number])[];
}

export interface Panel {
  title: string;
  lines: readonly Line[];
}

const [width, height, left, top, right, bottom] = [760, 260, 64, 34, 16, 36];

/** Panels of lines, one below the other with the same horizontal axis, as an SVG that reads on light and on dark pages. */
export function plot(horizontal: string, panels: readonly Panel[]): string {
  const far = Math.max(
    ...panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([x]) => x))),
  );
  const drawn = panels.map((panel, index) => drawPanel(panel, horizontal, far, index * height));
  const size = `width="${width}" height="${panels.length * height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${panels.length * height}" font-family="sans-serif" font-size="12">`,
    `<title>${panels.map(({ title }) => title).join('; ')}</title>`,
    `<rect ${size} fill="#ffffff"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, lines }: Panel, horizontal: string, far: number, down: number): string {
  const high = Math.max(...lines.flatMap(({ points }) => points.map(([, y]) => y)));
  const [xStep, yStep] = [roundStep(far), roundStep(high)];
  const [xEnd, yEnd] = [Math.ceil(far / xStep) * xStep, Math.ceil(high / yStep) * yStep];
  const x = (value: number): string => (left + (value / xEnd) * (width - left - right)).toFixed(1);
  const y = (value: number): string =>
    (down + height - bottom - (value / yEnd) * (height - top - bottom)).toFixed(1);
  const marks = (end: number, step: number): number[] =>
    Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  const text = (words: string, at: string, rest: string): string =>
    `<text ${at} fill="#333333" ${rest}>${words}</text>`;
  return [
    text(title, `x="${left}" y="${down + 20}"`, 'font-weight="bold"'),
    ...marks(yEnd, yStep).flatMap((value) => [
      `<line x1="${left}" y1="${y(value)}" x2="${width - right}" y2="${y(value)}" stroke="#dddddd"/>`,
      text(
        value.toLocaleString('en'),
        `x="${left - 6}" y="${y(value)}"`,
        'text-anchor="end" dominant-baseline="middle"',
      ),
    ]),
    ...marks(xEnd, xStep).map((value) =>
      text(String(value), `x="${x(value)}" y="${down + height - bottom + 16}"`, 'text-anchor="middle"'),
    ),
    text(horizontal, `x="${width - right}" y="${down + height - 4}"`, 'text-anchor="end"'),
    ...lines.map(({ color, points }) => {
      const path = points.map(([across, up]) => `${x(across)},${y(up)}`).join(' ');
      return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`;
    }),
    ...lines.map(({ name, color }, index) => {
      const at = `x="${width - right - 150}" y="${down + 20 + index * 16}"`;
      return `<text ${at} fill="${color}">${name}</text>`;
    }),
  ].join('\n');
}

/** About five steps of 1, 2 or 5 times a power of ten. */
function roundStep(most: number): number {
  const rough = most / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}
