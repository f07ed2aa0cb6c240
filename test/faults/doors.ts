import { exchange, type HttpRequest, type HttpResponse } from '../support/http.ts';
import { basic } from '../support/relying-party.ts';
import type { Completion } from './history.ts';

/** The server under test, from outside: one issuer, behind it one process or several. */
export interface Doors {
  issuer: string;
  /** Ports of the processes; calls go round among them. */
  ports: readonly number[];
  send(path: string, request?: HttpRequest): Promise<HttpResponse>;
}

/** Milliseconds after which a caller gives up: longer than any answer may take, so that a late one is seen as late. */
const patience = 20_000;

/** @param ports asked at each call, since processes come and go */
export function makeDoors(issuer: string, ports: () => readonly number[]): Doors {
  let turn = 0;
  return {
    issuer,
    get ports() {
      return ports();
    },
    send(path, { headers = {}, ...request } = {}) {
      const all = ports();
      const port = all[turn++ % all.length];
      return exchange(`http://127.0.0.1:${port}${new URL(issuer).pathname.replace(/\/$/, '')}${path}`, {
        within: patience,
        ...request,
        headers: { host: new URL(issuer).host, ...headers },
      });
    },
  };
}

export interface Credentials {
  clientId: string;
  clientSecret: string;
}

/** A form to an endpoint below /oauth2/, from a client. */
export const postForm = (
  doors: Pick<Doors, 'send'>,
  client: Credentials,
  endpoint: string,
  form: Record<string, string>,
): Promise<HttpResponse> =>
  doors.send(`/oauth2/${endpoint}`, {
    method: 'POST',
    headers: {
      authorization: basic(client.clientId, client.clientSecret),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(form).toString(),
  });

/** A request to the admin API; `path` is below /api/admin/v1/. */
export const askAdmin = (
  doors: Pick<Doors, 'send'>,
  token: string,
  method: string,
  path: string,
  body?: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<HttpResponse> =>
  doors.send(`/api/admin/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** 2xx is ok, 5xx leaves it open, and everything else is a refusal. */
export function classify({
  status,
  headers,
  text,
}: Pick<HttpResponse, 'status' | 'headers' | 'text'>): Completion {
  const outcome = status < 300 ? 'ok' : status < 500 ? 'fail' : 'unknown';
  const completion: Completion = { outcome, status };
  if (outcome !== 'ok') completion.why = text.slice(0, 200);
  const { 'x-request-id': requestId, 'retry-after': retryAfter } = headers;
  if (typeof requestId === 'string') completion.requestId = requestId;
  if (retryAfter !== undefined) completion.retryAfter = retryAfter;
  return completion;
}

const cut = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ABORT_ERR',
  'HPE_INVALID_EOF_STATE',
]);

/** How a call ended that got no answer; undefined for what is not the network's doing. Errors of Node are of another realm. */
export function reasonOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('name' in error && error.name === 'TimeoutError') return 'no answer in time';
  if (!('code' in error)) return undefined;
  if (error.code === 'ABORT_ERR') return 'no answer in time';
  return typeof error.code === 'string' && cut.has(error.code) ? error.code : undefined;
}
