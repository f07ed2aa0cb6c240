/** A person at a browser without script: cookies, links, forms. It knows HTML and nothing of any server. */
export interface Person {
  /** Opens an address and goes on, through forms too, until the server sends the person to `home` or a page stays. */
  reach(url: URL, home: string): Promise<URL>;
  /** Pages that were seen on the way, by what they say. */
  seen(): readonly string[];
}

export interface Credentials {
  username: string;
  password: string;
}

interface Page {
  url: URL;
  html: string;
}

const longestWay = 30;

/**
 * @returns from `reach` the address at `home` that the person was sent to; it is not opened.
 * @throws when a page comes up on which nothing can be filled in or pressed, or one comes up again and again.
 */
export function makePerson({ username, password }: Credentials): Person {
  const cookies = new Map<string, Map<string, string>>();
  const seen: string[] = [];
  const known: Record<string, string> = { username, password };

  async function open(url: URL, form?: URLSearchParams): Promise<Response> {
    const jar = cookies.get(url.host) ?? new Map<string, string>();
    cookies.set(url.host, jar);
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form === undefined ? {} : { origin: url.origin }),
      },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const line of answer.headers.getSetCookie()) keep(jar, line);
    return answer;
  }

  return {
    seen: () => seen,
    async reach(start, home) {
      let url = start;
      let form: URLSearchParams | undefined;
      for (let step = 0; step < longestWay; step += 1) {
        const answer = await open(url, form);
        const html = await answer.text();
        const page: Page = { url, html };
        const next = answer.headers.get('location') ?? refreshOf(html);
        if (next !== undefined) {
          url = new URL(next, url);
          form = undefined;
          if (url.href.startsWith(home)) return url;
          continue;
        }
        seen.push(wordsOf(html));
        const filled = fillIn(page, known);
        if (filled === undefined) throw new Error(`${answer.status} at ${url.href}: ${wordsOf(html)}`);
        ({ url, form } = filled);
      }
      throw new Error(`After ${longestWay} steps still not at ${home}: ${seen.at(-1)}`);
    },
  };
}

/** The first form whose fields this person can fill in, with its first button pressed. */
function fillIn(
  { url, html }: Page,
  known: Record<string, string>,
): { url: URL; form: URLSearchParams } | undefined {
  for (const [, head = '', body = ''] of html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)) {
    if (attribute(head, 'method')?.toLowerCase() !== 'post') continue;
    const form = new URLSearchParams();
    for (const [, input = ''] of body.matchAll(/<input\b([^>]*)>/gi)) {
      const name = attribute(input, 'name');
      if (name !== undefined) form.set(name, known[name] ?? attribute(input, 'value') ?? '');
    }
    const button = /<button\b([^>]*)>/i.exec(body)?.[1] ?? '';
    const pressed = attribute(button, 'name');
    if (pressed !== undefined) form.set(pressed, attribute(button, 'value') ?? '');
    return { url: new URL(attribute(head, 'action') ?? '', url), form };
  }
  return undefined;
}

function refreshOf(html: string): string | undefined {
  const meta = /<meta\b[^>]*http-equiv=["']refresh["'][^>]*>/i.exec(html)?.[0];
  return meta === undefined ? undefined : /url=(.*)$/i.exec(attribute(meta, 'content') ?? '')?.[1];
}

function attribute(head: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}=(?:"([^"]*)"|'([^']*)')`, 'i').exec(head);
  return value === null ? undefined : withoutEntities(value[1] ?? value[2] ?? '');
}

function withoutEntities(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function wordsOf(html: string): string {
  const body = html.replaceAll(/<(head|style|script)\b.*?<\/\1>/gis, ' ').replaceAll(/<[^>]*>/g, ' ');
  return withoutEntities(body).replaceAll(/\s+/g, ' ').trim();
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const name = pair.slice(0, pair.indexOf('='));
  const value = pair.slice(pair.indexOf('=') + 1);
  const isOver = /;\s*(?:max-age=0|expires=[^;]*\b1970\b)/i.test(line);
  if (isOver || value === '') jar.delete(name);
  else jar.set(name, value);
}
