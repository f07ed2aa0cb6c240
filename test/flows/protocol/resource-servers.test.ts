import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { unseenFor } from '../../support/unseen-for.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Apis, authorize, obtain, startApis } from './apis.ts';
import { registerApp, registerService, sentBack } from './app.ts';

/** Milliseconds after the answer, by which every process must have seen a change. */
const promised = 1000;

let apis: Apis;
beforeAll(async () => {
  apis = await startApis();
}, 120_000);
afterAll(() => apis.dispose());

const own = { skip_consent: true };
const anApp = (changes: object = own) => registerApp(apis.servers[0], { ...changes });
const inactive = { active: false };
/** The audience of a JWT, and its scopes in the order of the alphabet. */
function said(token: unknown): unknown[] {
  const { aud, scope } = decodeJwt(String(token));
  return [aud, ...String(scope).split(' ').toSorted()];
}
const introspect = async (token: string, process: 0 | 1 = 0) =>
  (await apis.post(process, apis.apps.c2, 'introspect', { token })).body;

describe('a token for a resource server', () => {
  it('is a JWT for it and nothing else, of the life that it says', async () => {
    const api = await apis.make({ access_token_ttl: 77 });
    const { body, access } = await obtain(await anApp(), await apis.somebody(), 'openid read', [
      api.resource,
    ]);
    expect(body).toMatchObject({ expires_in: 77, scope: 'read' });
    expect(decodeProtectedHeader(access)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const claims = decodeJwt(access);
    expect(claims).toMatchObject({ aud: api.resource, scope: 'read' });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(77);
  });

  it('is opaque where it wants it so, and is asked about', async () => {
    const api = await apis.make({ access_token_format: 'opaque', access_token_ttl: 7200 });
    const app = await anApp();
    const { body, access } = await obtain(app, await apis.somebody(), 'openid read write', [api.resource]);
    expect(body.expires_in).toBe(7200);
    expect(access).not.toContain('.');
    for (const process of [0, 1] as const) {
      const { body: told } = await apis.post(process, apis.guard, 'introspect', { token: access });
      expect(told).toMatchObject({ active: true, aud: api.resource, scope: 'read write' });
    }
  });

  it('is given to the clients that it lists, and the rest are refused everywhere', async () => {
    const [listed, other] = [await anApp(), await anApp()];
    const service = await registerService(apis.servers[0], { scope: 'read' });
    const api = await apis.make({ clients: [listed.registration.clientId] });
    const someone = await apis.somebody();
    await expect(obtain(listed, someone, 'openid read', [api.resource])).resolves.toMatchObject({
      status: 200,
    });
    const { seen } = await authorize(other, someone, 'openid read', [api.resource]);
    expect(sentBack(seen)).toMatchObject({ error: 'invalid_target' });
    const ask = { grant_type: 'client_credentials', resource: api.resource, scope: 'read' };
    await expect(service.post('token', ask)).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
  });

  it('has no scope that it does not know, nor one that the client is not registered for', async () => {
    const api = await apis.make();
    const someone = await apis.somebody();
    const some = await anApp({ ...own, scope: 'openid read' });
    const asked = 'openid read write nonsense __proto__';
    await expect(obtain(await anApp(), someone, asked, [api.resource])).resolves.toMatchObject({
      body: { scope: 'read write' },
    });
    await expect(obtain(some, someone, asked, [api.resource])).resolves.toMatchObject({
      body: { scope: 'read' },
    });
  });

  it('is for one of several that were agreed to at once, each with its own scopes', async () => {
    const [one, two] = [
      await apis.make(),
      await apis.make({ scopes: [{ name: 'read' }, { name: 'print' }] }),
    ];
    const app = await anApp({ client_name: 'Reader' });
    const someone = await apis.somebody();
    const both = [one.resource, two.resource];
    const first = await obtain(app, someone, 'openid read write print', both, { resource: two.resource });
    for (const words of ['See your orders', 'Change your orders', 'print'])
      expect(first.asked).toContain(words);
    expect(said(first.access)).toEqual([two.resource, 'print', 'read']);
    const ask = (refresh: unknown, extra: Record<string, string>) => app.refresh(String(refresh), extra);
    const second = await ask(first.refresh, { resource: one.resource });
    expect(said(second.body.access_token)).toEqual([one.resource, 'read', 'write']);
    const third = await ask(second.body.refresh_token, { resource: one.resource, scope: 'read' });
    expect(said(third.body.access_token)).toEqual([one.resource, 'read']);
    const fourth = await ask(third.body.refresh_token, { resource: 'https://elsewhere.example' });
    expect(fourth).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    // Named first is taken where none is named; the refusal has used nothing up.
    const fifth = await ask(third.body.refresh_token, {});
    expect(said(fifth.body.access_token)).toEqual([one.resource, 'read', 'write']);
  });

  it('is for one of twenty at most, whoever they are', async () => {
    const api = await apis.make();
    const ask = async (count: number) => {
      const names = Array.from({ length: count }, () => api.resource);
      return (await authorize(await anApp(), await apis.somebody(), 'openid read', names)).seen;
    };
    expect(sentBack(await ask(21))).toMatchObject({ error: 'invalid_target' });
    expect(sentBack(await ask(20))).toHaveProperty('code');
  });

  it.each([
    'nothing',
    '/relative',
    'https://unknown.example',
    '__proto__',
    `urn:${'x'.repeat(600)}`,
    "urn:'; drop table resource_server; --",
  ])('is not given for %s', async (resource) => {
    const { seen } = await authorize(await anApp(), await apis.somebody(), 'openid read', [resource]);
    expect(sentBack(seen)).toMatchObject({ error: 'invalid_target' });
    const ask = { grant_type: 'client_credentials', resource, scope: 'read' };
    const service = await registerService(apis.servers[0], { scope: 'read' });
    await expect(service.post('token', ask)).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
  });

  it('is got by a service for what it is registered for', async () => {
    const api = await apis.make();
    const service = await registerService(apis.servers[0], { scope: 'read refund' });
    const none = await registerService(apis.servers[0]);
    const ask = { grant_type: 'client_credentials', resource: api.resource, scope: 'read write refund' };
    await expect(service.post('token', ask)).resolves.toMatchObject({ body: { scope: 'read refund' } });
    const { status, body } = await none.post('token', ask);
    expect([status, body.scope]).toEqual([200, undefined]);
  });
});

describe('a change on one process', () => {
  it('is in the next token of the other within a second', async () => {
    const api = await apis.make();
    const service = await registerService(apis.servers[0], { scope: 'read write' });
    const ask = async () => {
      const form = { grant_type: 'client_credentials', resource: api.resource, scope: 'read write' };
      const { status, body } = await apis.post(1, service, 'token', form);
      return status === 200 ? [body.expires_in, body.scope] : [body.error];
    };
    await expect(ask()).resolves.toEqual([600, 'read write']);
    const seenWithin = async (change: () => Promise<void>, expected: unknown[]) => {
      await change();
      const acknowledged = performance.now();
      const isSeen = async () => JSON.stringify(await ask()) === JSON.stringify(expected);
      expect(await unseenFor('the change is seen', acknowledged, isSeen)).toBeLessThan(promised);
    };
    await seenWithin(() => api.change({ access_token_ttl: 60 }), [60, 'read write']);
    await seenWithin(() => api.change({ scopes: [{ name: 'write' }] }), [60, 'write']);
    await seenWithin(() => api.change({ clients: [] }), ['invalid_target']);
    await seenWithin(() => api.change({ clients: [service.registration.clientId] }), [60, 'write']);
    await seenWithin(() => api.remove(), ['invalid_target']);
  });

  it('that takes a client from the list ends its tokens, as far as anybody asks', async () => {
    const app = apis.apps.c2;
    const api = await apis.make({ clients: [app.registration.clientId] });
    const { access } = await obtain(app, await apis.somebody(), 'openid read', [api.resource]);
    await expect(introspect(access)).resolves.toMatchObject({ active: true });
    await api.change({ clients: [] });
    await expect(introspect(access)).resolves.toEqual(inactive);
  });
});

describe.each(['jwt', 'opaque'])('a resource server that is deleted, with %s tokens', (format) => {
  it('ends what was given for it, and one that is made anew in its name inherits nothing', async () => {
    const app = apis.apps.c2;
    const asking = await anApp({ client_name: 'Asks' });
    const api = await apis.make({ access_token_format: format });
    const [someone, another] = [await apis.somebody(), await apis.somebody()];
    const { access, refresh } = await obtain(app, someone, 'openid read', [api.resource]);
    const agreed = await obtain(asking, another, 'openid read', [api.resource]);
    expect(agreed.asked).toContain('See your orders');
    await expect(introspect(access, 1)).resolves.toMatchObject({ active: true });

    await api.remove();
    await waitFor('the other process knows', async () => (await introspect(access, 1)).active === false);
    await expect(introspect(access)).resolves.toEqual(inactive);
    await expect(app.refresh(refresh)).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });

    // Times of tokens are whole seconds.
    const second = Math.floor(Date.now() / 1000);
    await waitFor('the next second has begun', () => Math.floor(Date.now() / 1000) > second);
    await apis.make({ access_token_format: format, resource: api.resource });
    await expect(introspect(access)).resolves.toEqual(inactive);
    await expect(app.refresh(refresh)).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const again = await obtain(asking, another, 'openid read', [api.resource]);
    expect(again.asked).toContain('See your orders');
    await expect(introspect(again.access)).resolves.toEqual(inactive);
    const { body } = await apis.post(0, apis.guard, 'introspect', { token: again.access });
    expect(body).toMatchObject({ active: true, aud: api.resource, scope: 'read' });
    const silent = await obtain(asking, another, 'openid read', [api.resource]);
    expect(silent.asked).toBeUndefined();
  });
});
