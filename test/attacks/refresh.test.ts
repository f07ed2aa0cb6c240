import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { App } from '../flows/protocol/app.ts';
import { makePerson } from '../support/person.ts';
import { basic } from '../support/relying-party.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Line, openLine, rawPost } from './barrier.ts';
import { type Attacked, startAttacked } from './fixture.ts';

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

describe('refresh tokens used twice', () => {
  const perProcess = 25;
  const rounds = 50;
  let attacked: Attacked;
  let lines: Line[];
  beforeAll(async () => {
    attacked = await startAttacked({ both: { GATEHOUSE_JANITOR_INTERVAL: '1s' } });
    const ports = attacked.servers.flatMap(({ port }) => Array<number>(perProcess).fill(port));
    lines = await Promise.all(ports.map(openLine));
  });
  afterAll(async () => {
    for (const line of lines) line.close();
    await attacked.dispose();
  });

  async function refreshTokenOf(app: App): Promise<string> {
    const { body } = await app.signIn(makePerson(attacked.issuer), attacked.people.user);
    return String(body.refresh_token);
  }

  const headersOf = ({ registration: { clientId, clientSecret } }: App): Record<string, string> =>
    clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) };

  const formOf = ({ registration: { clientId, clientSecret } }: App, token: string) => ({
    grant_type: 'refresh_token',
    refresh_token: token,
    ...(clientSecret === undefined ? { client_id: clientId } : {}),
  });

  async function atOnce(app: App, token: string) {
    const request = rawPost(
      new URL(attacked.issuer).host,
      '/oauth2/token',
      headersOf(app),
      formOf(app, token),
    );
    for (const line of lines) line.prepare(request);
    return Promise.all(lines.map((line) => line.release()));
  }

  it(`B06 ${2 * perProcess} refreshes at the same moment on two processes get one answer, byte for byte, and one new token`, async () => {
    const { c1 } = attacked.apps;
    let token = await refreshTokenOf(c1);
    for (let round = 0; round < rounds; round += 1) {
      const before = await attacked.database.counts();
      const answers = await atOnce(c1, token);
      expect(answers.map(({ status }) => status)).toEqual(lines.map(() => 200));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      const after = await attacked.database.counts();
      // One refresh token and one opaque access token.
      expect((after.oidc_artifact ?? 0) - (before.oidc_artifact ?? 0)).toBe(1);
      expect((after.short_lived_artifact ?? 0) - (before.short_lived_artifact ?? 0)).toBe(1);
      token = String(JSON.parse(answers[0]?.body ?? '{}').refresh_token);
    }
  });

  it('B05 the first of three tokens of one second gives nothing, and ends all that came of it', async () => {
    const { c2 } = attacked.apps;
    const first = await refreshTokenOf(c2);
    const second = await c2.refresh(first);
    const third = await c2.refresh(String(second.body.refresh_token));
    const last = await attacked.database.lastAuditId();
    await expect(c2.refresh(first)).resolves.toMatchObject(invalidGrant);
    await expect(attacked.database.auditAfter(last)).resolves.toEqual([
      expect.objectContaining({
        type: 'refresh.reuse',
        client_id: 'c2',
        account_id: attacked.people.user.sub,
      }),
    ]);
    await expect(c2.refresh(String(third.body.refresh_token))).resolves.toMatchObject(invalidGrant);
    for (const { body } of [second, third]) {
      await expect(c2.userinfo(String(body.access_token))).resolves.toMatchObject({ status: 401 });
    }
  });

  it('B06 an answer that was lost on its way is given once more, also by the other process', async () => {
    const { c2 } = attacked.apps;
    const token = await refreshTokenOf(c2);
    const post = (process: 0 | 1) =>
      attacked.send('/oauth2/token', {
        method: 'POST',
        process,
        headers: { ...headersOf(c2), 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(formOf(c2, token)).toString(),
      });
    const [first, again] = [await post(0), await post(1)];
    expect(again.status).toBe(200);
    expect(again.text).toBe(first.text);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
  });

  it('B06 a second use that asks for something else is no repetition', async () => {
    const { c2 } = attacked.apps;
    const token = await refreshTokenOf(c2);
    const first = await c2.refresh(token);
    await expect(c2.refresh(token, { scope: 'openid' })).resolves.toMatchObject(invalidGrant);
    await expect(c2.refresh(String(first.body.refresh_token))).resolves.toMatchObject(invalidGrant);
  });

  it('the stored answer cannot be read from the database, and is gone when its window is over', async () => {
    const { c2 } = attacked.apps;
    const token = await refreshTokenOf(c2);
    const { body } = await c2.refresh(token);
    const rows = await attacked.database.rows('select * from oidc_artifact where replay_answer is not null');
    expect(rows.length).toBeGreaterThan(0);
    const dump = JSON.stringify(rows);
    for (const secret of [token, body.access_token, body.refresh_token, body.id_token])
      expect(dump).not.toContain(secret);
    await waitFor(
      'the answers were forgotten',
      async () =>
        (await attacked.database.rows('select 1 from oidc_artifact where replay_answer is not null'))
          .length === 0,
      { within: 30_000 },
    );
  });
});
