import { get } from 'node:http';

export interface Weight {
  bytes: number;
  requests: number;
}

/** What a browser that opens the sign-in page for the first time receives: the page and all it names, compressed. */
export async function countedWire(issuer: string): Promise<Weight> {
  const request = new URLSearchParams({
    client_id: 'gatehouse-account',
    response_type: 'code',
    redirect_uri: `${issuer}/account`,
    scope: 'openid profile email',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const redirect = await load(`${issuer}/oauth2/authorize?${request.toString()}`, '');
  const signIn = await load(redirect.location, redirect.cookies);
  const assets = [...signIn.text.matchAll(/(?:href|src)="([^"]*\/assets\/[^"]+)"/g)].map(
    ([, path]) => path ?? '',
  );
  const loaded = await Promise.all(assets.map((path) => load(new URL(path, issuer).href, '')));
  return {
    bytes: [signIn, ...loaded].reduce((sum, { bytes }) => sum + bytes, 0),
    requests: 1 + loaded.length,
  };
}

interface Loaded {
  bytes: number;
  text: string;
  location: string;
  cookies: string;
}

function load(url: string, cookies: string): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    get(
      url,
      { headers: { 'accept-encoding': 'br, gzip', accept: 'text/html,*/*', cookie: cookies } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          const body = Buffer.concat(chunks);
          const headers = answer.rawHeaders.join('  ').length;
          resolve({
            bytes: body.length + headers,
            text: body.toString(),
            location: new URL(answer.headers.location ?? '', url).href,
            cookies: (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; '),
          });
        });
      },
    ).once('error', reject);
  });
}
