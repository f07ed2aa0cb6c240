import { distance } from 'fastest-levenshtein';

/** Characters of a text, from the first up to, not including, the last. */
export type Range = readonly [from: number, to: number];

export const differenceKinds = {
  scheme: 'the scheme (http or https)',
  credentials: 'credentials before the host',
  host_case: 'capitals in the host',
  host: 'the host',
  port: 'the port',
  trailing_slash: 'the slash at the end',
  path_case: 'capitals in the path',
  path_encoding: 'how characters of the path are encoded',
  path: 'the path',
  query: 'the query',
  fragment: 'the fragment',
} as const;
export type DifferenceKind = keyof typeof differenceKinds;

/** Where two addresses differ. Each range of `sent` stands in the place of the one of `registered` at the same index. */
export interface UriDifference {
  kinds: DifferenceKind[];
  sent: Range[];
  registered: Range[];
}

/** Enough to tell which is meant; more only costs time, and strangers choose how long an address is. */
const longestCompared = 300;
const mostCompared = 50;

/** The registered address that is most like the one that was sent; the first of several. */
export function nearestUri(sent: string, registered: readonly string[]): string | undefined {
  const given = sent.slice(0, longestCompared);
  let best: { uri: string; far: number } | undefined;
  for (const uri of registered.slice(0, mostCompared)) {
    const far = distance(given, uri.slice(0, longestCompared));
    if (best === undefined || far < best.far) best = { uri, far };
  }
  return best?.uri;
}

type Part = 'scheme' | 'credentials' | 'host' | 'port' | 'path' | 'query' | 'fragment';
const parts: readonly Part[] = ['scheme', 'credentials', 'host', 'port', 'path', 'query', 'fragment'];

/** RFC 3986 appendix B, with the authority in its parts. Takes any text: the parts together are the whole. */
const form =
  /^((?:[^:/?#]+:)?(?:\/\/)?)((?:[^/?#@]*@)?)(\[[^\]/?#]*\]|[^/?#:]*)((?::\d*)?)([^?#]*)((?:\?[^#]*)?)((?:#.*)?)$/s;

/** Part by part; within a part all but the common beginning and end is marked. */
export function compareUris(sent: string, registered: string): UriDifference {
  const ours = split(sent);
  const theirs = split(registered);
  const found: UriDifference = { kinds: [], sent: [], registered: [] };
  let [at, other] = [0, 0];
  for (const part of parts) {
    const [one, two] = [ours[part], theirs[part]];
    if (one !== two) {
      const { start, end } = commonEnds(one, two);
      found.kinds.push(kindOf(part, one, two));
      found.sent.push([at + start, at + one.length - end]);
      found.registered.push([other + start, other + two.length - end]);
    }
    at += one.length;
    other += two.length;
  }
  return found;
}

function split(uri: string): Record<Part, string> {
  const [, ...found] = form.exec(uri) ?? [];
  const [scheme = '', credentials = '', host = '', port = '', path = uri, query = '', fragment = ''] = found;
  return { scheme, credentials, host, port, path, query, fragment };
}

function commonEnds(one: string, two: string): { start: number; end: number } {
  const most = Math.min(one.length, two.length);
  let start = 0;
  while (start < most && one[start] === two[start]) start += 1;
  let end = 0;
  while (end < most - start && one.at(-1 - end) === two.at(-1 - end)) end += 1;
  return { start, end };
}

function kindOf(part: Part, one: string, two: string): DifferenceKind {
  if (part === 'host') return one.toLowerCase() === two.toLowerCase() ? 'host_case' : 'host';
  if (part !== 'path') return part;
  if (`${one}/` === two || one === `${two}/`) return 'trailing_slash';
  if (one.toLowerCase() === two.toLowerCase()) return 'path_case';
  return decoded(one) === decoded(two) ? 'path_encoding' : 'path';
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
