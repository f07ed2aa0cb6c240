export interface Form {
  /** As written; empty means the page's own address. */
  action: string;
  method: string;
  /** What a browser sends without a person's doing: every named field with its present value. */
  values: Record<string, string>;
  /** Names of all fields, so that a test does not fill in one that is not there. */
  fields: string[];
  /** Named submit buttons, sent only when pressed. */
  buttons: { name: string; value: string; text: string }[];
}

/**
 * The forms of one of our own pages. Pug writes every attribute in double quotes and escapes what is in them, so a full
 * parser would add a dependency and nothing else.
 */
export function readForms(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, head = '', body = '']) => {
    const attributes = readAttributes(head);
    const inputs = readInputs(body);
    const values = inputs.filter(({ sent }) => sent).map(({ name, value }) => [name, value]);
    return {
      action: attributes.get('action') ?? '',
      method: (attributes.get('method') ?? 'get').toLowerCase(),
      values: Object.fromEntries(values),
      fields: inputs.map(({ name }) => name),
      buttons: readButtons(body),
    };
  });
}

/** Where `<meta http-equiv="refresh" content="0;url=…">` leads; undefined when the page has none. */
export function readRefresh(html: string): string | undefined {
  for (const [, head = ''] of html.matchAll(/<meta\b([^>]*)>/gi)) {
    const attributes = readAttributes(head);
    if (attributes.get('http-equiv')?.toLowerCase() !== 'refresh') continue;
    return /^\s*\d+\s*[;,]\s*url\s*=\s*(.+)$/i.exec(attributes.get('content') ?? '')?.[1]?.trim();
  }
  return undefined;
}

/** Addresses of all links, as written. */
export function readLinks(html: string): { href: string; text: string }[] {
  return [...html.matchAll(/<a\b([^>]*)>(.*?)<\/a>/gis)].map(([, head = '', body = '']) => ({
    href: readAttributes(head).get('href') ?? '',
    text: readText(body),
  }));
}

/** The words that a person reads, with single spaces. */
export function readText(html: string): string {
  const visible = html
    .replaceAll(/<(head|title|script|style|template)\b.*?<\/\1>/gis, ' ')
    .replaceAll(/<[^>]*>/g, ' ');
  return unescapeHtml(visible).replaceAll(/\s+/g, ' ').trim();
}

interface Input {
  name: string;
  value: string;
  sent: boolean;
}

function readInputs(body: string): Input[] {
  const inputs = [...body.matchAll(/<input\b([^>]*)>/gi)].map(([, head = '']) =>
    fromInput(readAttributes(head)),
  );
  const areas = [...body.matchAll(/<textarea\b([^>]*)>(.*?)<\/textarea>/gis)].map(
    ([, head = '', text = '']) => fromValue(readAttributes(head), unescapeHtml(text)),
  );
  const selects = [...body.matchAll(/<select\b([^>]*)>(.*?)<\/select>/gis)].map(
    ([, head = '', options = '']) => fromValue(readAttributes(head), selected(options)),
  );
  return [...inputs, ...areas, ...selects].filter(({ name }) => name !== '');
}

function fromInput(attributes: Map<string, string>): Input {
  const type = attributes.get('type')?.toLowerCase() ?? 'text';
  if (['submit', 'button', 'image', 'reset', 'file'].includes(type))
    return { name: '', value: '', sent: false };
  const isChoice = type === 'checkbox' || type === 'radio';
  const input = fromValue(attributes, attributes.get('value') ?? (isChoice ? 'on' : ''));
  return isChoice && !attributes.has('checked') ? { ...input, sent: false } : input;
}

function fromValue(attributes: Map<string, string>, value: string): Input {
  return { name: attributes.get('name') ?? '', value, sent: !attributes.has('disabled') };
}

function selected(options: string): string {
  const all = [...options.matchAll(/<option\b([^>]*)>/gi)].map(([, head = '']) => readAttributes(head));
  return (all.find((option) => option.has('selected')) ?? all[0])?.get('value') ?? '';
}

function readButtons(body: string): Form['buttons'] {
  return [...body.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gis)]
    .map(([, head = '', text = '']) => ({ attributes: readAttributes(head), text: readText(text) }))
    .filter(({ attributes }) => attributes.has('name') && (attributes.get('type') ?? 'submit') === 'submit')
    .map(({ attributes, text }) => ({
      name: attributes.get('name') ?? '',
      value: attributes.get('value') ?? '',
      text,
    }));
}

function readAttributes(head: string): Map<string, string> {
  const pairs = head.matchAll(/([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return new Map(
    [...pairs].map(([, name = '', double, single, bare]) => [
      name.toLowerCase(),
      unescapeHtml(double ?? single ?? bare ?? ''),
    ]),
  );
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescapeHtml(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return named[name ?? ''] ?? all;
    },
  );
}
