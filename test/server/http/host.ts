import { createServer } from 'node:http';
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

export async function openHost(...middleware: PageMiddleware[]): Promise<Host> {
  const app = new Koa<RequestState, object>({ keys: ['a key of the test'] });
  app.silent = true;
  for (const one of middleware) app.use(one);
  const port = await freePort();
  const server = createServer(app.callback());
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
