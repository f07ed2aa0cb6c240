import { type CookieJar, makeCookieJar } from '../../support/cookie-jar.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { readForms, readRefresh } from '../../support/html.ts';
import { exchange, type HttpRequest, type HttpResponse } from '../../support/http.ts';

/** A production server behind a proxy that ends https. The tests are that proxy. */
export interface ProxiedGatehouse {
  issuer: string;
  server: RunningGatehouse;
  /** A request as the proxy passes it on. */
  send(path: string, request?: HttpRequest): Promise<HttpResponse>;
  openBrowser(): ProxiedBrowser;
}

/** Cookies, redirects and forms, as a browser has them that only sees the https side. */
export interface ProxiedBrowser {
  jar: CookieJar;
  /** Every Set-Cookie line that came. */
  setCookies: string[];
  /** Follows until there is a page, or the way leads to an address outside of what `isOurs` says. */
  visit(url: URL | string): Promise<{ url: URL; answer: HttpResponse | undefined }>;
  /** Sends the first form of this page, with these fields filled in. */
  submit(
    from: { url: URL; answer: HttpResponse | undefined },
    fields: Record<string, string>,
  ): Promise<{ url: URL; answer: HttpResponse | undefined }>;
}

export const proxiedIssuer = 'https://id.example.org';

export async function startBehindProxy(env: Record<string, string> = {}): Promise<ProxiedGatehouse> {
  const server = await startGatehouse({
    database: 'postgres',
    env: {
      ...makeSecrets(),
      GATEHOUSE_ISSUER: proxiedIssuer,
      GATEHOUSE_HOST: '127.0.0.1',
      GATEHOUSE_TRUST_PROXY: '1',
      GATEHOUSE_SMTP_URL: 'smtp://127.0.0.1:25',
      GATEHOUSE_MAIL_FROM: 'no-reply@example.org',
      ...env,
    },
  });
  const issuer = new URL(server.issuer);
  const send: ProxiedGatehouse['send'] = (path, { headers = {}, ...request } = {}) =>
    exchange(`http://127.0.0.1:${server.port}${path}`, {
      ...request,
      headers: {
        host: issuer.host,
        'x-forwarded-for': '192.0.2.7',
        'x-forwarded-proto': 'https',
        accept: 'text/html',
        ...headers,
      },
    });
  return { issuer: server.issuer, server, send, openBrowser: () => openBrowser(issuer, send) };
}

function openBrowser(issuer: URL, send: ProxiedGatehouse['send']): ProxiedBrowser {
  const jar = makeCookieJar();
  const setCookies: string[] = [];

  async function ask(url: URL, body?: string): Promise<HttpResponse> {
    const cookie = jar.header(url);
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: issuer.origin };
    const answer = await send(url.pathname + url.search, {
      ...(body === undefined ? {} : { method: 'POST', body }),
      headers: { ...(cookie === undefined ? {} : { cookie }), ...(body === undefined ? {} : form) },
    });
    jar.store(url, answer.setCookies);
    setCookies.push(...answer.setCookies);
    return answer;
  }

  async function follow(start: URL, body?: string) {
    let url = start;
    let answer = await ask(url, body);
    for (let step = 0; step < 10; step += 1) {
      const next = answer.headers.location ?? readRefresh(answer.text);
      if (next === undefined) return { url, answer };
      url = new URL(next, url);
      if (url.origin !== issuer.origin || url.searchParams.has('code')) return { url, answer: undefined };
      answer = await ask(url);
    }
    throw new Error(`There is no end to the way from ${start.href}.`);
  }

  return {
    jar,
    setCookies,
    visit: (url) => follow(new URL(url, issuer)),
    submit({ url, answer }, fields) {
      const [form] = readForms(answer?.text ?? '');
      if (form === undefined) throw new Error(`No form at ${url.href}: ${answer?.text ?? 'no page'}`);
      return follow(new URL(form.action, url), new URLSearchParams({ ...form.values, ...fields }).toString());
    },
  };
}
