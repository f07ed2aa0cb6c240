import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from '../support/free-port.ts';

/** Somebody else's app: another origin than ours, with a callback that redirects on to a third one. */
export interface App {
  origin: string;
  callback: string;
  /** Opens the address in a popup and shows what came back through it. */
  popupPage(address: string): string;
  afterSignOut: string;
  /** What reached the callback and the page after sign-out, oldest first. */
  arrivals: { path: string; parameters: Record<string, string> }[];
  close(): Promise<void>;
}

export async function openApp(): Promise<App> {
  const [port, nextPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const next = `http://127.0.0.1:${nextPort}`;
  const arrivals: App['arrivals'] = [];

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = new URL(req.url ?? '/', origin);
    const html = (body: string) => {
      res.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>app</title>${body}`);
    };
    if (url.pathname === '/popup') {
      return html(`<button>Sign in</button><output></output><script>
        addEventListener('message', (event) => document.querySelector('output').textContent = event.data);
        document.querySelector('button').onclick = () => open(${JSON.stringify(url.searchParams.get('to'))});
      </script>`);
    }
    if (url.pathname === '/callback' || url.pathname === '/bye') {
      const posted = req.method === 'POST' ? new URLSearchParams(await text(req)) : url.searchParams;
      arrivals.push({ path: url.pathname, parameters: Object.fromEntries(posted) });
      if (url.searchParams.get('state') === 'popup') {
        return html(`<script>opener.postMessage('back in the app', '*')</script>`);
      }
      return void res.writeHead(303, { location: `${next}/end${url.pathname}` }).end();
    }
    return html('<p>Nothing</p>');
  };
  const servers = await Promise.all([
    listen(port, (req, res) => void answer(req, res)),
    listen(nextPort, (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>end</title><p>Welcome');
    }),
  ]);
  return {
    origin,
    callback: `${origin}/callback`,
    popupPage: (address) => `${origin}/popup?to=${encodeURIComponent(address)}`,
    afterSignOut: `${origin}/bye`,
    arrivals,
    close: async () => {
      await Promise.all(servers.map((close) => close()));
    },
  };
}

async function listen(
  port: number,
  answer: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<() => Promise<void>> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
