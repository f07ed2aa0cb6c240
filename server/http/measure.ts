import type { PageMiddleware } from './context.ts';
import type { Metrics } from './management.ts';

/** Parts of the product by how their paths begin, below the issuer's path; the labels of metrics must be few. */
const groups: readonly [start: string, group: string][] = [
  ['/oauth2/', 'oauth2'],
  ['/.well-known/', 'metadata'],
  ['/interaction/', 'interaction'],
  ['/api/admin/', 'admin_api'],
  ['/api/account/', 'account_api'],
  ['/assets/', 'assets'],
  ['/healthz', 'health'],
];

/** Endpoints of the protocol, each of its own group. */
const endpoints = new Set([
  'authorize',
  'token',
  'userinfo',
  'jwks',
  'introspect',
  'revoke',
  'par',
  'device_authorization',
  'logout',
]);

/** Measures every request: how long it took, by part of the product, method and status. */
export function measureRequests(metrics: Pick<Metrics, 'requests'>, basePath: string): PageMiddleware {
  return async (ctx, next) => {
    const { res, method } = ctx;
    const route = groupOf(ctx.path.slice(basePath.length));
    const began = performance.now();
    res.once('close', () => {
      const seconds = (performance.now() - began) / 1000;
      metrics.requests.observe(
        { route, method: methods.has(method) ? method : 'other', status: res.statusCode },
        seconds,
      );
    });
    await next();
  };
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function groupOf(path: string): string {
  const found = groups.find(([start]) => path.startsWith(start))?.[1];
  if (found !== 'oauth2') return found ?? 'pages';
  const endpoint = path.split('/')[2] ?? '';
  return endpoints.has(endpoint) ? endpoint : 'oauth2';
}
