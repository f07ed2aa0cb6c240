import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DatabaseView, viewDatabase } from '../../attacks/database-view.ts';
import { basic } from '../../support/relying-party.ts';
import { waitFor } from '../../support/wait-for.ts';
import { jwtBearer, makeWorld, type World } from './world.ts';

/** Nothing that is secret, or could be: each in its own place, and in those where people put it by mistake. */
const names = [
  'secret',
  'code',
  'verifier',
  'challenge',
  'state',
  'nonce',
  'refresh',
  'access',
  'device',
  'cookie',
  'query',
  'fragment',
  'password',
  'scope',
  'client',
  'requestUri',
  'hint',
] as const;
const canaries = Object.fromEntries(
  names.map((name) => [name, `${randomBytes(30).toString('hex')}`]),
) as Record<(typeof names)[number], string>;

describe('what is kept of refused requests', () => {
  let world: World;
  let view: DatabaseView;
  let jwts: string[];
  beforeAll(async () => {
    world = await makeWorld('postgres');
    const [first] = world.servers;
    if (first === undefined || first.database === 'embedded') throw new Error('not on PostgreSQL');
    view = await viewDatabase(first.database);
    const { authorize, post, send, assertion, proof } = world;
    const c = canaries;
    const album = basic('photo-album', c.secret);
    const [assertionOne, proofOne] = [
      await assertion({ aud: `https://x.example/${c.access}`, jti: c.nonce }),
      await proof({ htm: 'GET', jti: c.state, htu: `${world.issuer}/oauth2/token?x=${c.query}` }),
    ];
    jwts = [assertionOne, proofOne];
    const one = { state: c.state, nonce: c.nonce, code_challenge: c.challenge, login_hint: c.password };
    // On both processes.
    for (let turn = 0; turn < 2; turn += 1) {
      await authorize({
        ...one,
        redirect_uri: `https://me:${c.password}@app.example/${c.code}?q=${c.query}#${c.fragment}`,
      });
      await authorize({ ...one, client_id: c.client });
      await authorize({ ...one, scope: `openid ${c.scope} email` });
      await authorize({
        ...one,
        response_type: c.code,
        prompt: c.secret,
        resource: `https://x.example/?k=${c.query}`,
      });
      await authorize({ ...one, request_uri: `urn:ietf:params:oauth:request_uri:${c.requestUri}` });
      await authorize({ ...one, id_token_hint: `${c.hint}.${c.hint}.${c.hint}` });
      await authorize({ ...one, prompt: `none ${c.secret}` });
      await authorize({ ...one, claims: `{${c.secret}` });
      await post('token', { grant_type: 'client_credentials' }, { authorization: album });
      await post('token', { grant_type: c.secret, client_id: 'photo-album', client_secret: c.secret });
      await post(
        'token',
        { grant_type: 'password', username: 'x', password: c.password },
        { authorization: album },
      );
      await world.token({
        grant_type: 'authorization_code',
        code: c.code,
        code_verifier: c.verifier,
        redirect_uri: c.query,
      });
      await world.token({ grant_type: 'refresh_token', refresh_token: c.refresh });
      await world.token({ grant_type: c.refresh });
      await world.token({
        grant_type: 'client_credentials',
        resource: `https://x.example/?k=${c.query}`,
        scope: c.scope,
      });
      await world.token(
        { grant_type: 'authorization_code', code: c.code, redirect_uri: 'x' },
        { dpop: proofOne },
      );
      await post('token', {
        grant_type: 'client_credentials',
        client_assertion: assertionOne,
        client_assertion_type: jwtBearer,
      });
      await post('token', {
        grant_type: 'client_credentials',
        client_assertion: c.secret,
        client_assertion_type: c.code,
      });
      await post('token', `{"client_secret":"${c.secret}"}`, {
        'content-type': `application/json; x=${c.secret}`,
      });
      await send('/oauth2/userinfo', {
        headers: { authorization: `Bearer ${c.access}`, cookie: `_session=${c.cookie}` },
      });
      await send(`/oauth2/userinfo?access_token=${c.access}`);
      await send('/oauth2/userinfo', {
        headers: { authorization: c.access, origin: `https://${c.access}.example` },
      });
      await send(
        `/oauth2/logout?${new URLSearchParams({
          client_id: 'photo-album',
          state: c.state,
          post_logout_redirect_uri: `https://app.example/${c.code}?q=${c.query}`,
        }).toString()}`,
      );
      await send('/api/admin/v1/users', { headers: { authorization: `Bearer ${c.access}` } });
    }
  }, 120_000);
  afterAll(async () => {
    await view.close();
    await world.dispose();
  });

  /** Parts of them, too: they are cut and encoded. */
  const leaks = (text: string): string[] => [
    ...names.filter((name) => text.includes(canaries[name].slice(2, 26))),
    ...jwts.flatMap((jwt) => jwt.split('.')).filter((part) => text.includes(part.slice(0, 30))),
  ];

  it('has none of it in the table', async () => {
    await waitFor('everything is written', async () => {
      const [row] = await view.rows('select sum(times)::int as times from client_error');
      return Number(row?.times) >= 40;
    });
    const rows = await view.rows('select client_error::text as row from client_error');
    expect(rows.length).toBeGreaterThan(15);
    expect(
      rows.map(({ row }) => ({ row, leaks: leaks(String(row)) })).filter((one) => one.leaks.length > 0),
    ).toEqual([]);
  });

  it('shows none of it in the API', async () => {
    for (const server of world.servers) {
      const { body } = await server.admin('GET', 'client-errors?limit=100');
      expect(body.items?.length).toBeGreaterThan(15);
      expect(leaks(JSON.stringify(body))).toEqual([]);
      for (const { id } of body.items ?? []) {
        const one = await server.admin('GET', `client-errors/${String(id)}`);
        expect([one.status, leaks(JSON.stringify(one.body))]).toEqual([200, []]);
      }
    }
  });

  it('is in no log', () => {
    for (const server of world.servers) expect(leaks(server.output())).toEqual([]);
  });

  it('has no account, and no network address', async () => {
    const columns = await view.rows(
      `select string_agg(column_name, ' ') as names from information_schema.columns where table_name = 'client_error'`,
    );
    expect(String(columns[0]?.names)).not.toMatch(/account|ip|agent/);
    const rows = await view.rows('select client_error::text as row from client_error');
    for (const { row } of rows) {
      expect(row).not.toContain(world.who.sub);
      expect(row).not.toContain(world.who.username);
    }
  });
});
