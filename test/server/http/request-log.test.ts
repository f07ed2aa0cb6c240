import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeRequestLog, redactPath } from '../../../server/http/request-log.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Host, openHost } from './host.ts';

interface Line {
  level: 'info' | 'error';
  message: string;
  fields: Record<string, unknown> | undefined;
}

const lines: Line[] = [];
const write = (level: Line['level']) => (message: string, fields?: Record<string, unknown>) => {
  lines.push({ level, message, fields });
};
const log = { debug() {}, warn() {}, info: write('info'), error: write('error') };
let host: Host;
let seen: string | undefined;

beforeAll(async () => {
  let next = 0;
  const ids = {
    id: () => {
      next += 1;
      return `request-${next}`;
    },
  };
  host = await openHost(makeRequestLog({ log, ids, clock: { now: () => new Date() } }), (ctx) => {
    seen = ctx.state.requestId;
    ctx.status = ctx.path === '/broken' ? 503 : 200;
    ctx.body = 'ok';
    // Never answered.
    if (ctx.path === '/endless') ctx.respond = false;
  });
});
afterAll(() => host.close());
beforeEach(() => {
  lines.length = 0;
});

async function lineOf(path: string, headers: Record<string, string> = {}): Promise<Line> {
  const answer = await host.send(path, { headers });
  await waitFor('the line was written', () => lines.length > 0);
  expect(answer.headers['x-request-id']).toBe(seen);
  const [line] = lines;
  if (line === undefined) throw new Error('no line');
  return line;
}

describe('the request log', () => {
  it('writes one line for a request, and nothing of query, headers or cookies', async () => {
    const line = await lineOf('/oauth2/authorize?code=SECRET&state=SECRET', {
      cookie: 'session=SECRET',
      authorization: 'Bearer SECRET',
      'user-agent': 'SECRET',
      referer: 'https://app.example.com/?code=SECRET',
    });
    expect(line).toEqual({
      level: 'info',
      message: 'request',
      fields: {
        requestId: seen,
        method: 'GET',
        path: '/oauth2/authorize',
        status: 200,
        ms: expect.any(Number),
      },
    });
    expect(lines).toHaveLength(1);
  });

  it('takes no request id from a stranger', async () => {
    await lineOf('/', { 'x-request-id': 'chosen' });
    expect(seen).toMatch(/^request-\d+$/);
  });

  it('tells failures of ours apart', async () => {
    await expect(lineOf('/broken')).resolves.toMatchObject({ level: 'error', fields: { status: 503 } });
  });

  it('tells when nobody waited for the answer', async () => {
    const before = seen;
    const impatient = request(`${host.url}/endless`);
    impatient.once('error', () => {});
    impatient.end();
    await waitFor('the request arrived', () => seen !== before);
    impatient.destroy();
    await waitFor('the line was written', () => lines.length > 0);
    expect(lines[0]).toMatchObject({ fields: { path: '/endless', aborted: true } });
  });
});

it.each([
  ['/.well-known/openid-configuration', '/.well-known/openid-configuration'],
  ['/oauth2/global-token-revocation', '/oauth2/global-token-revocation'],
  ['/interaction/V1StGXR8_Z5jdHi6B-myT/login', '/interaction/:id/login'],
  ['/oauth2/authorize/V1StGXR8_Z5jdHi6B-myT', '/oauth2/authorize/:id'],
  ['/api/admin/v1/clients/gatehouse-account', '/api/admin/v1/clients/gatehouse-account'],
  ['/api/admin/v1/users/Zk9f2LqT0a7cXyW3BvNp1g', '/api/admin/v1/users/:id'],
  ['/eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', '/:id'],
  [`/${'a/'.repeat(300)}`, `/${'a/'.repeat(99)}a`],
])('shows the path %s as %s', (path, shown) => {
  expect(redactPath(path)).toBe(shown);
});
