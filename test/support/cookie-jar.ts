export interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite: string | undefined;
  /** Milliseconds since 1970; undefined for a cookie that goes with the browser. */
  expires: number | undefined;
}

export interface CookieJar {
  /** Keeps what an answer of `url` sets, or drops what it ends. Refused cookies throw: a browser would lose them in silence. */
  store(url: URL, setCookies: readonly string[]): void;
  /** The Cookie header for `url`; undefined when there is none to send. */
  header(url: URL): string | undefined;
  all(): readonly Cookie[];
  get(name: string): Cookie | undefined;
  /** Puts a cookie in as it stands, for tests of foreign and tampered ones. */
  put(cookie: Cookie): void;
  clear(): void;
}

/** Cookies as a browser keeps them (RFC 6265bis), as far as a server that names no Domain needs. */
export function makeCookieJar(now: () => number = Date.now): CookieJar {
  const cookies = new Map<string, Cookie>();
  const key = (cookie: Cookie) => `${cookie.host} ${cookie.path} ${cookie.name}`;
  const alive = () => [...cookies.values()].filter(({ expires }) => expires === undefined || expires > now());
  return {
    store(url, setCookies) {
      for (const line of setCookies) {
        const cookie = parse(line, url, now());
        assertKept(cookie, url, line);
        cookies.delete(key(cookie));
        if (cookie.expires === undefined || cookie.expires > now()) cookies.set(key(cookie), cookie);
      }
    },
    header(url) {
      const sent = alive().filter((cookie) => isFor(cookie, url));
      // Longer paths first, as browsers do it (section 5.8.3).
      sent.sort((a, b) => b.path.length - a.path.length);
      return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
    all: alive,
    get: (name) => alive().find((cookie) => cookie.name === name),
    put: (cookie) => void cookies.set(key(cookie), cookie),
    clear: () => cookies.clear(),
  };
}

function parse(line: string, url: URL, now: number): Cookie {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const attributes = new Map(
    rest.map((part) => splitOnce(part)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const [name, value] = splitOnce(pair);
  const path = attributes.get('path');
  return {
    name,
    value,
    host: url.hostname,
    path: path?.startsWith('/') ? path : defaultPath(url),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: attributes.get('samesite')?.toLowerCase(),
    expires: expiry(attributes, now),
  };
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function expiry(attributes: Map<string, string>, now: number): number | undefined {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return now + Number(maxAge) * 1000;
  const expires = attributes.get('expires');
  return expires === undefined ? undefined : Date.parse(expires);
}

function defaultPath(url: URL): string {
  const end = url.pathname.lastIndexOf('/');
  return end <= 0 ? '/' : url.pathname.slice(0, end);
}

function assertKept(cookie: Cookie, url: URL, line: string): void {
  const refused = (why: string) =>
    new Error(`A browser refuses this cookie of ${url.origin}, ${why}: ${line}`);
  const https = url.protocol === 'https:';
  if (/;\s*domain=/i.test(line)) throw refused('and this jar knows no Domain');
  if (cookie.secure && !https) throw refused('Secure over http');
  if (/^__(host|secure)-/i.test(cookie.name) && !cookie.secure) throw refused('a prefix without Secure');
  if (/^__host-/i.test(cookie.name) && cookie.path !== '/') throw refused('__Host- with a path');
  if (cookie.sameSite === 'none' && !cookie.secure) throw refused('SameSite=None without Secure');
}

function isFor(cookie: Cookie, url: URL): boolean {
  if (cookie.host !== url.hostname || (cookie.secure && url.protocol !== 'https:')) return false;
  const folder = cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`;
  return url.pathname === cookie.path || url.pathname.startsWith(folder);
}
