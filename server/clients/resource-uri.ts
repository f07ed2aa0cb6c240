import { faultInCharacters } from './uri-rules.ts';

/** It stands in every token, and a token must fit into a header. */
export const longestResource = 512;

/** One spelling of the scheme, which is compared exactly (RFC 3986 6.2.2.1). */
const lowerCaseScheme = /^[a-z][a-z0-9+.-]*:/;

/**
 * What is wrong with the name of a resource server: an absolute URI without fragment (RFC 8707 2), in one spelling, since it is
 * compared exactly. Nobody ever fetches it, so every scheme will do. Pure: no storage, no clock.
 */
export function faultInResource(text: string): string | undefined {
  if (text.length > longestResource) return `Use at most ${longestResource} characters.`;
  const fault = faultInCharacters(text);
  if (fault !== undefined) return fault;
  if (text.includes('#')) return 'Leave out the fragment (#).';
  const { protocol, hostname, origin } = new URL(text);
  if (!lowerCaseScheme.test(text)) return 'Write the scheme in lower case.';
  if (text === protocol || text === `${protocol}//`) return 'After the scheme something has to follow.';
  if (/^[^/]*\/\/[^/?]*@/.test(text)) return 'Leave out user name and password (@).';
  const path = text.split('?')[0] ?? '';
  if (path.split('/').some((segment) => segment === '.' || segment === '..'))
    return 'Leave out the path segments . and .. .';
  const isWeb = protocol === 'https:' || protocol === 'http:';
  if (isWeb && (!hasOrigin(text, origin) || hostname.endsWith('.')))
    return 'Write scheme and host in normal form: lower case, plain address, no default port, no dot at the end.';
  return undefined;
}

const hasOrigin = (text: string, origin: string): boolean =>
  text.startsWith(origin) && /^(?:[/?]|$)/.test(text.slice(origin.length));
