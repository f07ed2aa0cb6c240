import { chapters } from './catalogue/catalogue.ts';
import { exampleOf } from './catalogue/example.ts';
import type { EventDescription } from './catalogue/fields.ts';
import { snakeCase } from './show-event.ts';

/** Fields of columns, which every event has. */
const inColumns = ['accountId', 'clientId'];

/** Every kind of event with what it says, in Markdown. */
export function writeEventList(): string {
  return chapters.map(([title, events]) => chapter(title, events)).join('\n');
}

function chapter(title: string, events: Readonly<Record<string, EventDescription>>): string {
  const rows = Object.entries(events)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([type, kind]) => `| \`${type}\` | ${kind.severity} | ${kind.doc} | ${detailsOf(kind)} |`);
  return [
    `### ${title}`,
    '',
    '| type | severity | what happened | `details`, for example |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function detailsOf(kind: EventDescription): string {
  const example = Object.entries(exampleOf(kind)).filter(([name]) => !inColumns.includes(name));
  if (example.length === 0) return '';
  return `\`${JSON.stringify(Object.fromEntries(example.map(([name, value]) => [snakeCase(name), value])))}\``;
}
