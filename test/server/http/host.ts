import { createServer } from 'node:http';
import type Router from '@koa/router';
import Koa from 'koa';
import type { PageMiddleware, RequestState } from '../../../server/http/context.ts';
import { freePort } from '../../support/free-port.ts';
import { exchange, type HttpRequest, type HttpResponse } from '../../support/http.ts';

/** A plain Koa host around the middleware under test. */
export interface Host {
  url: string;
  send(path: string, request?: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export function openHost(...middleware: PageMiddleware[]): Promise<Host> {
  const app = newApp();
  for (const one of middleware) app.use(one);
  return listen(app);
}

/** A host with the routes under test, and what must run before them. */
export function openRouterHost(
  router: Router<RequestState, object>,
  ...before: PageMiddleware[]
): Promise<Host> {
  const app = newApp();
  for (const one of before) app.use(one);
  app.use(router.routes());
  return listen(app);
}

function newApp(): Koa<RequestState, object> {
  const app = new Koa<RequestState, object>({ keys: ['a key of the test'] });
  app.silent = true;
  return app;
}

async function listen(app: Koa<RequestState, object>): Promise<Host> {
  const port = await freePort();
  const answer = app.callback();
  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    send: (path, request) => exchange(url + path, request),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A posted form as a browser sends it. */
export function formPost(fields: Record<string, string>, headers: Record<string, string> = {}): HttpRequest {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  };
}
