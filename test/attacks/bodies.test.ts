import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HttpResponse } from '../support/http.ts';
import { basic } from '../support/relying-party.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { expectRefusal } from './refusal.ts';

const formType = 'application/x-www-form-urlencoded';
const users = '/api/admin/v1/users';

describe('attacks with bodies', () => {
  let attacked: Attacked;
  let token: string;
  beforeAll(async () => {
    attacked = await startAttacked();
    token = await attacked.servers[0].adminToken();
  });
  afterAll(() => attacked.dispose());

  const sendJson = (body: string | Buffer, headers: Record<string, string> = {}): Promise<HttpResponse> =>
    attacked.send(users, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body,
    });

  const sendForm = (path: string, body: string): Promise<HttpResponse> => {
    const { clientId, clientSecret = '' } = attacked.apps.c2.registration;
    return attacked.send(path, {
      method: 'POST',
      headers: { authorization: basic(clientId, clientSecret), 'content-type': formType },
      body,
    });
  };

  describe('K01', () => {
    /** Names that V8 takes for array indexes: their hash is their value, so they can be chosen to collide. */
    const colliding = (bytes: number, join: (name: number) => string) => {
      const parts: string[] = [];
      for (let length = 0, index = 0; length < bytes; index += 1) {
        const part = join(index * 2 ** 16);
        parts.push(part);
        length += part.length + 1;
      }
      return parts;
    };

    /** Milliseconds of the first process's own time: nobody else waits for it longer, however busy the machine is. */
    async function timeOf(work: () => Promise<unknown>): Promise<number> {
      const used = async (): Promise<number> => {
        const metrics = await fetch(`${attacked.servers[0].managementUrl}/metrics`);
        return Number(/^process_cpu_seconds_total (\S+)/m.exec(await metrics.text())?.[1]) * 1000;
      };
      const before = await used();
      await work();
      return (await used()) - before;
    }

    it('K01 two megabytes of colliding names are refused by their size, and nobody waits for it', async () => {
      const json = `{${colliding(2_000_000, (name) => `"${name}":1`).join(',')}}`;
      const form = colliding(2_000_000, (name) => `${name}=1`).join('&');
      const audit = { type: 'admin.refused', reason: 'body_too_large' };
      await expectRefusal(attacked, { status: 413, audit }, () => sendJson(json));
      const attacks: [number, () => Promise<HttpResponse>][] = [
        [413, () => sendJson(json)],
        [400, () => sendForm('/oauth2/token', form)],
        [413, () => sendForm('/first-admin', form)],
      ];
      for (const [status, attack] of attacks) {
        const time = await timeOf(async () => expect((await attack()).status).toBe(status));
        expect(time).toBeLessThan(100);
      }
    });

    it('K01 as many colliding names as a body may hold are refused in no time', async () => {
      const json = `{${colliding(255_000, (name) => `"${name}":1`).join(',')}}`;
      const form = colliding(55_000, (name) => `${name}=1`).join('&');
      const attacks: [number, () => Promise<HttpResponse>][] = [
        [400, () => sendJson(json)],
        [400, () => sendForm('/oauth2/token', form)],
        [403, () => sendForm('/first-admin', form)],
      ];
      for (const [status, attack] of attacks) {
        const time = await timeOf(async () => expect((await attack()).status).toBe(status));
        expect(time).toBeLessThan(100);
      }
    });
  });

  describe('K03', () => {
    const deep = (opening: string, closing: string, depth: number) =>
      `${opening.repeat(depth)}1${closing.repeat(depth)}`;

    it.each([
      ['100,000 arrays in each other', deep('[', ']', 100_000)],
      ['20,000 objects in each other', deep('{"a":', '}', 20_000)],
      ['a name twice', '{"email":"a@example.org","email":"b@example.org"}'],
      ['a name twice, once escaped', '{"email":"a@example.org","\\u0065mail":"b@example.org"}'],
      ['the name __proto__', '{"__proto__":{"roles":["admin"]}}'],
      ['the name constructor', '{"constructor":{"prototype":{"roles":["admin"]}}}'],
      ['a NUL', '{"email":"a\\u0000@example.org"}'],
      ['half a character', '{"name":"\\ud800"}'],
      ['a comma too many', '{"email":"a@example.org",}'],
      ['a comment', '{/**/"email":"a@example.org"}'],
      ['two values', '{}{}'],
      ['a number without end', `{"email":${'9'.repeat(1000)}}`],
      ['NaN', '{"email":NaN}'],
      ['an array', '[{"email":"a@example.org"}]'],
      ['a string', '"email"'],
      ['null', 'null'],
      ['nothing', ''],
      ['bytes that are no UTF-8', Buffer.from('{"name":"\xff\xfe"}', 'latin1')],
    ])('K03 a JSON body with %s is refused', async (_what, body) => {
      const audit = { type: 'admin.refused' };
      const answer = await expectRefusal(attacked, { status: 400, audit }, () => sendJson(body));
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.text).code).toMatch(/^invalid_(?:json|input)$/);
    });

    it.each([
      ['text/plain', {}],
      [formType, {}],
      ['application/xml', {}],
      ['application/json; charset=utf-16', {}],
      ['application/json', { 'content-encoding': 'gzip' }],
      ['application/json', { 'content-encoding': 'br' }],
      ['multipart/form-data; boundary=x', {}],
      ['nonsense', {}],
    ])('K03 a body of type %s %j is not read at all', async (contentType, headers) => {
      const audit = { type: 'admin.refused', reason: 'unsupported_media_type' };
      const body = '{"email":"typed@example.org"}';
      await expectRefusal(attacked, { status: 415, audit }, () =>
        sendJson(body, { 'content-type': contentType, ...headers }),
      );
    });

    const twice = 'grant_type=refresh_token&refresh_token=x';
    it.each([
      ['a parameter twice', `${twice}&refresh_token=y`, 'invalid_request'],
      ['the grant type twice', `${twice}&grant_type=authorization_code`, 'invalid_request'],
      [
        'parameters as an array',
        'grant_type=refresh_token&refresh_token[]=x&refresh_token[]=y',
        'invalid_request',
      ],
      ['parameters as an object', 'grant_type[a]=refresh_token&refresh_token[b]=x', 'invalid_request'],
      ['the name __proto__', 'grant_type=__proto__&__proto__=x', 'unsupported_grant_type'],
      ['a comma list', 'grant_type=refresh_token,authorization_code', 'unsupported_grant_type'],
      ['1,000 parameters before those that count', `${'a=b&'.repeat(1000)}${twice}`, 'invalid_request'],
      ['broken percent signs', 'grant_type=%&refresh_token=%zz', 'unsupported_grant_type'],
      ['a NUL', 'grant_type=refresh_token&refresh_token=%00', 'invalid_grant'],
    ])('K03 a form with %s is refused with the error of the specification', async (_what, body, error) => {
      const audit = { type: 'grant.error', client_id: 'c2', reason: error };
      const answer = await expectRefusal(attacked, { status: 400, audit }, () =>
        sendForm('/oauth2/token', body),
      );
      expect(JSON.parse(answer.text)).toMatchObject({ error });
    });

    it.each([
      ['a field twice', 'token=a&token=b'],
      ['a NUL', 'token=%00'],
      ['bytes that are no UTF-8', 'token=%ff%fe'],
      ['a broken percent sign', 'token=%zz'],
    ])('K03 a form of ours with %s is refused', async (_what, body) => {
      const answer = await attacked.send('/first-admin', {
        method: 'POST',
        headers: {
          'content-type': formType,
          cookie: `gatehouse_csrf=${'a'.repeat(43)}`,
          accept: 'text/html',
        },
        body,
      });
      expect(answer.status).toBe(400);
    });
  });
});
