import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpRequest {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** Certificates to trust instead of the system's. */
  ca?: string;
  /** Milliseconds for the whole exchange. */
  within?: number;
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** Every Set-Cookie header as it was sent. */
  setCookies: string[];
  text: string;
}

/**
 * One exchange, exactly as asked: no redirect is followed and no header added but Host and Content-Length. `fetch` does
 * not do here: it sets `Sec-Fetch-*` itself, and those are what a person's browser is known by.
 */
export function exchange(url: URL | string, options: HttpRequest = {}): Promise<HttpResponse> {
  const { method = 'GET', headers = {}, body, ca, within = 30_000 } = options;
  const target = new URL(url);
  const begin = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = begin(
      target,
      {
        method,
        headers: { ...length, ...headers },
        agent: false,
        signal: AbortSignal.timeout(within),
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            setCookies: response.headers['set-cookie'] ?? [],
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}
