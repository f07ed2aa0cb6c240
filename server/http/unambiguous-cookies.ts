import type { PageMiddleware } from './context.ts';

/** What all cookies of ours have in their names, whatever their prefix. */
const ours = /(?:^|-)gatehouse_/;

/**
 * A browser sends one of our names twice only when somebody else has set it too: a sibling host or a page below a narrower
 * path (RFC 6265 8.6). Nobody can tell which of the two is ours, so neither is believed.
 */
export const unambiguousCookies: PageMiddleware = (ctx, next) => {
  const { cookie } = ctx.req.headers;
  if (cookie !== undefined) ctx.req.headers.cookie = withoutDoubles(cookie);
  return next();
};

function withoutDoubles(header: string): string {
  const pairs = header.split(';').map((pair) => ({ pair, name: pair.split('=', 1)[0]?.trim() ?? '' }));
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const { name } of pairs) {
    if (seen.has(name) && ours.test(name)) doubled.add(name);
    seen.add(name);
  }
  if (doubled.size === 0) return header;
  return pairs
    .filter(({ name }) => !doubled.has(name))
    .map(({ pair }) => pair)
    .join(';');
}
