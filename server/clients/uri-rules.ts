/**
 * What a URI in client metadata must look like. Only what is allowed is listed: every scheme that is not https, http on
 * loopback or a private-use one, in whatever casing, is refused by not being there. Pure: no storage, no clock.
 */

const longestUri = 2048;
/** RFC 3986 2: unreserved, reserved, percent. No control character, space, backslash, quote or letter beyond ASCII. */
const uriCharacters = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/;
const brokenEncoding = /%(?![0-9A-Fa-f]{2})/;
/** RFC 8252 7.1: a domain name of the app's maker, reversed, so that it has a dot. */
const privateUseScheme = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:/;
/** Where only a program on the person's own machine can answer (RFC 8252 7.3, 8.3); the engine knows the same three. */
export const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const hostName =
  /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$|^\[[0-9a-f:.]+\]$/;
/** What some servers turn into a dot, a slash, a backslash or a percent sign only after the comparison. */
const encodedInPath = /%(?:2e|2f|5c|25|[01][0-9a-f]|7f)/i;
const encodedInQuery = /%(?:5c|[01][0-9a-f]|7f)/i;

/** What is wrong with a redirect URI whatever its client is: RFC 6749 3.1.2, RFC 9700 2.1 and 4.1.3, RFC 8252 7 and 8.4. */
export function faultInRedirectUri(text: string): string | undefined {
  const fault = faultInCharacters(text);
  if (fault !== undefined) return fault;
  if (text.includes('#')) return 'Leave out the fragment (#).';
  if (text.includes('*'))
    return 'Give the complete address: redirect URIs are compared exactly, * is no wildcard.';
  if (privateUseScheme.test(text)) return faultInPrivateUseUri(text);
  return faultInWebAddress(text) ?? faultInPath(text.slice(new URL(text).origin.length));
}

/** What is wrong with a well-formed redirect URI for this type of application: OIDC Registration 1.0 2, RFC 8252 7. */
export function faultInRedirectUriOf(type: 'web' | 'native', text: string): string | undefined {
  const { protocol, hostname } = new URL(text);
  if (type === 'web' && protocol !== 'https:' && protocol !== 'http:') {
    return 'Only an app with application_type native may have a private-use scheme.';
  }
  if (type === 'native' && protocol === 'https:' && loopbackHosts.has(hostname)) {
    return 'A native app listens on loopback with http, not https.';
  }
  return undefined;
}

export interface WebUriRules {
  /** A place inside a document makes sense for people only, never for programs. */
  fragment: 'allowed' | 'refused';
  /** Not even http on loopback. */
  httpsOnly?: boolean;
}

/** What is wrong with the address of a page or an endpoint of the client: RFC 7591 2, OIDC Registration 1.0 2. */
export function faultInWebUri(text: string, rules: WebUriRules): string | undefined {
  const fault = faultInCharacters(text) ?? faultInWebAddress(text);
  if (fault !== undefined) return fault;
  if (rules.fragment === 'refused' && text.includes('#')) return 'Leave out the fragment (#).';
  if (rules.httpsOnly === true && !text.startsWith('https:')) return 'Use https.';
  return undefined;
}

/** What is wrong with a web origin as browsers send it (RFC 6454 6.2): one spelling only. */
export function faultInOrigin(text: string): string | undefined {
  const fault = faultInCharacters(text) ?? faultInWebAddress(text);
  if (fault !== undefined) return fault;
  return new URL(text).origin === text
    ? undefined
    : 'Give scheme, host and port only, as in https://app.example.com.';
}

/** What is wrong with the characters of a URI, or that it is none (RFC 3986). */
export function faultInCharacters(text: string): string | undefined {
  if (text.length > longestUri) return `Use at most ${longestUri} characters.`;
  if (!uriCharacters.test(text))
    return 'Use only the characters of a URI; everything else has to be percent-encoded.';
  if (brokenEncoding.test(text)) return 'A percent sign must be followed by two hexadecimal digits.';
  if (!URL.canParse(text)) return 'Give a complete address, as in https://app.example.com/callback.';
  return undefined;
}

/** https, or http where nobody can listen in, and spelled as URL parsers would spell it, so that all read the same host. */
function faultInWebAddress(text: string): string | undefined {
  const { protocol, hostname, origin } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:')
    return 'Use https, or http on 127.0.0.1, [::1] or localhost.';
  if (/^[^/]*\/\/[^/?#]*@/.test(text)) return 'Leave out user name and password (@).';
  if (
    !text.startsWith(origin) ||
    !/^(?:[/?#]|$)/.test(text.slice(origin.length)) ||
    !hostName.test(hostname)
  ) {
    return 'Write scheme and host in normal form: lower case, plain address, no default port, no dot at the end.';
  }
  if (protocol === 'http:' && !loopbackHosts.has(hostname)) {
    return 'Use https, or http on 127.0.0.1, [::1] or localhost.';
  }
  return undefined;
}

/** RFC 8252 7.1: `com.example.app:/callback`. */
function faultInPrivateUseUri(text: string): string | undefined {
  const rest = text.slice(text.indexOf(':') + 1);
  if (!rest.startsWith('/'))
    return 'After a private-use scheme give a path, as in com.example.app:/callback.';
  if (/^\/\/[^/?]*@/.test(rest)) return 'Leave out user name and password (@).';
  return faultInPath(rest);
}

/** Nothing that a server, proxy or browser could read as another path than the one that is compared. */
function faultInPath(pathAndQuery: string): string | undefined {
  const [path = '', ...query] = pathAndQuery.split('?');
  // Path parameters (`..;x=y`) count too: some servers cut them off before they resolve the dots.
  const dots = path.split('/').some((segment) => /^\.{1,2}(?:;|$)/.test(segment));
  if (dots) return 'Leave out the path segments . and .. .';
  if (encodedInPath.test(path) || encodedInQuery.test(query.join('?'))) {
    return 'Leave out percent-encoded dots, slashes, backslashes, percent signs and control characters.';
  }
  return undefined;
}
