import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ErrorCode, errorCodes } from '../../../server/errors.ts';
import { exchange, type HttpResponse } from '../../support/http.ts';
import { makePerson } from '../../support/person.ts';
import { addAccount, registerApp } from '../protocol/app.ts';
import { prepareCall } from './calls.ts';
import { forPeopleOnly } from './needs-of-rights.ts';
import { type DescribedOperation, pathOfNothing, readOperations } from './operations.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
/** By their audience: a token of every scope, and one of a scope that opens little. */
let tokens: Record<'admin' | 'account', { all: string; little: (scope: string) => Promise<string> }>;
/** Tokens that are none for an API. */
let foreign: Record<string, string>;

beforeAll(async () => {
  stage = await openStage('PostgreSQL');
  const { server } = stage;
  const scope = 'openid account:read account:write account:security';
  const app = await registerApp(server, { skip_consent: true, scope });
  const who = await addAccount(server, 'walker@example.org');
  const signIn = async (extra: Record<string, string>) =>
    (await app.signIn(makePerson(server.issuer), who, extra)).body;
  const resource = `${server.issuer}/api/account`;
  const plain = await signIn({ scope: 'openid' });
  foreign = {
    'a token for userinfo': String(plain.access_token),
    'an ID token': String(plain.id_token),
    'a refresh token': String(plain.refresh_token),
  };
  const tokenOf = async (asked: string) => String((await signIn({ scope: asked, resource })).access_token);
  const little = { read: await tokenOf('openid account:read'), none: await tokenOf('openid') };
  tokens = {
    admin: {
      all: await server.adminToken(),
      little: (needed) => server.adminToken([needed === 'audit:read' ? 'keys:read' : 'audit:read']),
    },
    account: {
      all: await tokenOf(scope),
      little: async (needed) => (needed === 'account:read' ? little.none : little.read),
    },
  };
}, 60_000);
afterAll(() => stage.dispose());

const isJson = (type: string): boolean => /^application\/(?:[a-z-]+\+)?json$/.test(type);

interface Sent {
  path?: string;
  token?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

describe.each(['admin', 'account'] as const)('every operation of the %s API', (api) => {
  let operations: readonly DescribedOperation[];
  beforeAll(async () => {
    operations = await readOperations(stage.server.issuer, `/api/${api}/v1`);
  });

  const bodied = () => operations.filter(({ mediaTypes }) => mediaTypes.length > 0);
  const json = () => bodied().filter(({ mediaTypes }) => mediaTypes.some((type) => isJson(type)));

  const send = (operation: DescribedOperation, { path, token, headers = {}, body }: Sent = {}) => {
    const [type = 'application/json'] = operation.mediaTypes;
    const target = path ?? pathOfNothing(operation);
    return exchange(`${stage.server.issuer}/api/${api}/v1${target}`, {
      method: operation.method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token ?? tokens[api].all}` }),
        ...(operation.mediaTypes.length === 0 ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(operation.mediaTypes.length === 0 ? {} : { body: body ?? JSON.stringify(operation.example ?? {}) }),
    });
  };

  /** What does not answer with this refusal, in the one form that refusals have, or does not say beforehand that it can. */
  function faultsOf(
    { operationId, refusals }: DescribedOperation,
    answer: HttpResponse,
    status: number,
    codes?: readonly ErrorCode[],
  ): unknown[] {
    const isProblem = answer.headers['content-type'] === 'application/problem+json';
    const problem: Record<string, unknown> = isProblem ? JSON.parse(answer.text) : {};
    const { code, type, title, error_id: id } = problem;
    const isKnown = typeof code === 'string' && Object.hasOwn(errorCodes, code);
    const isRight =
      answer.status === status &&
      problem.status === status &&
      isKnown &&
      (codes === undefined || codes.some((one) => one === code)) &&
      typeof type === 'string' &&
      type.endsWith(code) &&
      typeof title === 'string' &&
      typeof id === 'string' &&
      answer.headers['cache-control'] === 'no-store' &&
      refusals.includes(status);
    return isRight ? [] : [{ operationId, expected: status, documented: refusals, got: answer.status, code }];
  }

  async function expectAll(
    which: readonly DescribedOperation[],
    ask: (operation: DescribedOperation) => Promise<HttpResponse>,
    status: number,
    codes?: readonly ErrorCode[],
  ): Promise<void> {
    expect(which.length).toBeGreaterThan(0);
    const faults: unknown[] = [];
    for (const operation of which) faults.push(...faultsOf(operation, await ask(operation), status, codes));
    expect(faults).toEqual([]);
  }

  if (api === 'admin')
    it('is one of at least 45', () => {
      expect(operations.length).toBeGreaterThanOrEqual(45);
    });

  it('wants a token', async () => {
    await expectAll(operations, (operation) => send(operation, { token: '' }), 401, ['unauthenticated']);
  });

  it('wants a token for this API', async () => {
    const token = tokens[api === 'admin' ? 'account' : 'admin'].all;
    await expectAll(operations, (operation) => send(operation, { token }), 401, ['unauthenticated']);
  });

  it.each(['a token for userinfo', 'an ID token', 'a refresh token'])('does not take %s', async (which) => {
    const token = foreign[which] ?? '';
    expect(token).not.toBe('');
    await expectAll(operations, (operation) => send(operation, { token }), 401, ['unauthenticated']);
  });

  it('wants its scope', async () => {
    const ask = async (operation: DescribedOperation) =>
      send(operation, { token: await tokens[api].little(operation.scope) });
    await expectAll(operations, ask, 403, ['insufficient_scope']);
  });

  it('refuses a parameter that it does not know', async () => {
    for (const query of ['unknown_parameter=1', '__proto__=1', 'limit[$gt]=1'])
      await expectAll(
        operations,
        (operation) => send(operation, { path: `${pathOfNothing(operation)}?${query}` }),
        400,
        ['invalid_input'],
      );
  });

  it('finds nothing by the id of nothing', async () => {
    const named = operations.filter(({ params }) => Object.keys(params).length > 0);
    const open = named.filter(({ operationId }) => !forPeopleOnly.includes(operationId));
    await expectAll(open, (operation) => send(operation), 404);
  });

  it('finds nothing by an id that no object can have', async () => {
    const named = operations.filter(({ params }) => Object.keys(params).length > 0);
    for (const id of ['%20', '..%2f..%2fusers', '%00', "'%20or%201=1--", 'x'.repeat(600)])
      await expectAll(
        named,
        (operation) => send(operation, { path: operation.path.replaceAll(/\{\w+\}/g, id) }),
        // What no path may have is refused before anybody looks for what it names.
        id === '%00' ? 400 : 404,
      );
  });

  it('refuses a body of another type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])
      await expectAll(bodied(), (operation) => send(operation, { headers: { 'content-type': type } }), 415);
    await expectAll(
      bodied(),
      (operation) => send(operation, { headers: { 'content-encoding': 'gzip' }, body: gzipSync('{}') }),
      415,
    );
  });

  it('refuses a body of one byte more than it takes', async () => {
    const body = `{"a":"${'x'.repeat(256 * 1024 + 1 - 8)}"}`;
    expect(body).toHaveLength(256 * 1024 + 1);
    await expectAll(json(), (operation) => send(operation, { body }), 413, ['body_too_large']);
  });

  it('refuses JSON that is deep, broken, ambiguous or dangerous', async () => {
    for (const body of [
      '['.repeat(100_000),
      `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
      '{"a":',
      '{"a":1,"a":2}',
      '{"__proto__":{"roles":["admin"]}}',
      '{"a":{"constructor":{}}}',
      '{"a":"\\u0000"}',
    ])
      await expectAll(json(), (operation) => send(operation, { body }), 400, ['invalid_json']);
  });

  it('has no field that it does not know', async () => {
    const faults: unknown[] = [];
    for (const operation of json().filter(({ operationId }) => !forPeopleOnly.includes(operationId))) {
      const { path, body } =
        api === 'admin'
          ? await prepareCall(stage, operation)
          : { path: operation.path.slice(1), body: operation.example };
      for (const extra of [{ unknown_field: 1 }, { isAdmin: true }, { passwordHash: 'x' }, { version: 7 }]) {
        const answer = await send(operation, {
          path: `/${path}`,
          body: JSON.stringify({ ...Object(body), ...extra }),
        });
        faults.push(...faultsOf(operation, answer, 400));
      }
    }
    expect(faults).toEqual([]);
  });
});
