import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';
import { makePerson } from './person.ts';

/** A site with one form behind a redirect, which ends in a refreshing page to somebody else. */
async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const html = (status: number, body: string, headers: Record<string, string | string[]> = {}) =>
    void res.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
  if (req.url === '/start')
    return html(303, '', { location: '/form', 'set-cookie': 'seen=1; Path=/; HttpOnly' });
  if (req.url === '/form') {
    return html(
      200,
      `<title>x</title><h1>Who &amp; what</h1>
      <form action="/search"><input name="q"></form>
      <form method="post" action="/form?next=a&amp;b=c">
        <input type="hidden" name="csrf" value="t&quot;ok">
        <input name="username"> <input type="password" name="password">
        <input type="checkbox" name="remember"> <input type="checkbox" name="news" checked>
        <button>Enter</button> <button name="decision" value="deny">Not now</button>
      </form>`,
    );
  }
  if (req.method === 'POST' && req.url === '/form?next=a&b=c') {
    const got = JSON.stringify({
      form: Object.fromEntries(new URLSearchParams(await text(req))),
      cookie: req.headers.cookie,
      origin: req.headers.origin,
      site: req.headers['sec-fetch-site'],
    });
    return html(200, `<meta http-equiv="refresh" content="0;url=/finish?got=${encodeURIComponent(got)}">`);
  }
  if (req.url?.startsWith('/finish')) return html(303, '', { location: `http://app.example/cb${req.url}` });
  return html(404, '<p>Nothing here</p>', { 'set-cookie': 'bad=1; Secure' });
}

describe('a scripted person', () => {
  let port = 0;
  const server = createServer((req, res) => void answer(req, res));
  const home = () => `http://localhost:${port}`;

  beforeAll(async () => {
    port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('follows redirects to a page and reads its words and forms', async () => {
    const page = await makePerson(home()).visit('/start');
    expect(page).toMatchObject({ kind: 'page', status: 200, url: new URL('/form', home()) });
    expect(page).toMatchObject({
      text: expect.stringMatching(/^Who & what/),
      forms: [{}, { method: 'post' }],
    });
  });

  it('sends the form with its hidden fields as a browser does, and stops where it is sent elsewhere', async () => {
    const person = makePerson(home());
    await person.visit('/start');
    const left = await person.signIn({ username: 'a b', password: 'ü&=' });
    expect(left).toMatchObject({
      kind: 'elsewhere',
      url: { origin: 'http://app.example', pathname: '/cb/finish' },
    });
    expect(JSON.parse(left.url.searchParams.get('got') ?? '')).toEqual({
      form: { csrf: 't"ok', username: 'a b', password: 'ü&=', news: 'on' },
      cookie: 'seen=1',
      origin: home(),
      site: 'same-origin',
    });
  });

  it('sends a named button only when it is pressed', async () => {
    const person = makePerson(home());
    await person.visit('/form');
    const { url } = await person.submit({}, { button: 'Not now' });
    expect(JSON.parse(url.searchParams.get('got') ?? '').form).toMatchObject({ decision: 'deny' });
  });

  it('says what the page says when it has no such form', async () => {
    const person = makePerson(home());
    await person.visit('/form');
    await expect(person.submit({ code: '1' })).rejects.toThrow(/No form with a field code .* Who & what/);
  });

  it('does not accept in silence a cookie that a browser refuses', async () => {
    await expect(makePerson(home()).visit('/other')).rejects.toThrow(/A browser refuses this cookie/);
  });
});
