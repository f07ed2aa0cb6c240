import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type App, sentBack } from '../flows/protocol/app.ts';
import { makePerson, type Person } from '../support/person.ts';
import { type Attempt, basic, type TokenAnswer } from '../support/relying-party.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Line, openLine, rawPost } from './barrier.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { expectRefusal } from './refusal.ts';

/** A code, and what the app that asked for it knows of it. */
interface Issued {
  code: string;
  attempt: Attempt;
}

describe('attacks on authorization codes', () => {
  let attacked: Attacked;
  let person: Person;
  beforeAll(async () => {
    attacked = await startAttacked({ second: { GATEHOUSE_TTL_AUTHORIZATION_CODE: '1s' } });
    person = makePerson(attacked.issuer);
    await attacked.apps.c1.signIn(person, attacked.people.user);
  });
  afterAll(() => attacked.dispose());

  /** By single sign-on, so that it is one request. */
  async function issue(app: App): Promise<Issued> {
    const attempt = app.begin();
    const { code = '' } = sentBack(await person.visit(attempt.url));
    expect(code).not.toBe('');
    return { code, attempt };
  }

  const formOf = ({ code, attempt }: Issued, changes: Record<string, string> = {}) => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: attempt.url.searchParams.get('redirect_uri') ?? '',
    code_verifier: attempt.verifier,
    ...changes,
  });

  const headersOf = ({ registration: { clientId, clientSecret } }: App) => ({
    'content-type': 'application/x-www-form-urlencoded',
    ...(clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) }),
  });

  const present = (app: App, issued: Issued, changes: Record<string, string> = {}) =>
    attacked.send('/oauth2/token', {
      method: 'POST',
      headers: headersOf(app),
      body: new URLSearchParams({
        ...(app.registration.clientSecret === undefined ? { client_id: app.registration.clientId } : {}),
        ...formOf(issued, changes),
      }).toString(),
    });

  async function expectDead(app: App, { body }: Pick<TokenAnswer, 'body'>): Promise<void> {
    const { access_token: access = '', refresh_token: refresh = '' } = body;
    await expect(app.userinfo(access)).resolves.toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    });
    if (app.registration.clientSecret !== undefined) {
      for (const token of [access, refresh])
        await expect(app.post('introspect', { token })).resolves.toMatchObject({ body: { active: false } });
    }
    await expect(app.refresh(refresh)).resolves.toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  }

  const invalidGrant = { error: 'invalid_grant', error_description: expect.any(String) };

  it('B01 a code that is used a second time gives nothing, and takes back what the first use gave', async () => {
    const { c2 } = attacked.apps;
    const issued = await issue(c2);
    const first = await c2.post('token', formOf(issued));
    expect(first).toMatchObject({ status: 200 });
    const { rows } = await refusedReplay(() => present(c2, issued));
    expect(rows).toEqual([
      expect.objectContaining({ type: 'code.replay', client_id: 'c2', account_id: attacked.people.user.sub }),
    ]);
    await expectDead(c2, first);
    // The person has done nothing wrong: the session and what was agreed are still there.
    await expect(c2.post('token', formOf(await issue(c2)))).resolves.toMatchObject({ status: 200 });
  });

  async function refusedReplay(replay: () => ReturnType<typeof present>) {
    const last = await attacked.database.lastAuditId();
    const answer = await replay();
    expect(answer.status).toBe(400);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(answer.text)).toEqual(invalidGrant);
    return { rows: await attacked.database.auditAfter(last) };
  }

  describe('B02', () => {
    const perProcess = 25;
    const rounds = 50;
    let lines: Line[];
    beforeAll(async () => {
      const ports = attacked.servers.flatMap(({ port }) => Array<number>(perProcess).fill(port));
      lines = await Promise.all(ports.map(openLine));
    });
    afterAll(() => {
      for (const line of lines) line.close();
    });

    it(`B02 of ${2 * perProcess} uses of a code at the same moment on two processes one succeeds, and its tokens are dead afterwards`, async () => {
      const { c2 } = attacked.apps;
      const host = new URL(attacked.issuer).host;
      for (let round = 0; round < rounds; round += 1) {
        const request = rawPost(host, '/oauth2/token', headersOf(c2), formOf(await issue(c2)));
        for (const line of lines) line.prepare(request);
        const answers = await Promise.all(lines.map((line) => line.release()));
        const won = answers.filter(({ status }) => status === 200);
        const lost = answers.filter(({ status }) => status !== 200);
        expect(won).toHaveLength(1);
        for (const { status, body } of lost)
          expect({ status, body: JSON.parse(body) }).toEqual({ status: 400, body: invalidGrant });
        await expectDead(c2, { body: JSON.parse(won[0]?.body ?? '') });
      }
    });
  });

  describe('B03', () => {
    it('B03 a code of one client gives another client nothing, and is dead afterwards', async () => {
      const { c1, c2 } = attacked.apps;
      const issued = await issue(c1);
      const { database } = attacked;
      const before = await database.counts();
      const { rows } = await refusedReplay(() => present(c2, issued));
      expect(rows).toEqual([expect.objectContaining({ type: 'grant.error', client_id: 'c2' })]);
      const codeIsGone = { short_lived_artifact: (before.short_lived_artifact ?? 0) - 1 };
      expect(await database.counts()).toMatchObject(codeIsGone);
      const audit = { type: 'grant.error', client_id: 'c1', reason: 'invalid_grant' };
      await expectRefusal(attacked, { status: 400, audit }, () => present(c1, issued));
    });

    it.each([
      ['another one of the same client', 'https://app.example/callback/'],
      ['one that is not registered', 'https://evil.example/callback'],
    ])(
      'B03 a code presented with another redirect URI, %s, gives nothing and is dead afterwards',
      async (_, uri) => {
        const { c1 } = attacked.apps;
        const issued = await issue(c1);
        await refusedReplay(() => present(c1, issued, { redirect_uri: uri }));
        await refusedReplay(() => present(c1, issued));
      },
    );

    it('B03 a used code in the hands of another client takes back what its use gave', async () => {
      const { c1, c2 } = attacked.apps;
      const issued = await issue(c1);
      const first = await c1.post('token', formOf(issued));
      expect(first).toMatchObject({ status: 200 });
      await refusedReplay(() => present(c2, issued));
      await expectDead(c1, first);
    });

    it('B03 a code without or with a wrong verifier gives nothing', async () => {
      const { c1 } = attacked.apps;
      for (const verifier of ['', 'x'.repeat(43), issuedLikeVerifier()]) {
        const audit = { type: 'grant.error', client_id: 'c1', reason: 'invalid_grant' };
        const issued = await issue(c1);
        await expectRefusal(attacked, { status: 400, audit }, () =>
          present(c1, issued, { code_verifier: verifier }),
        );
      }
    });

    const issuedLikeVerifier = () => attacked.apps.c1.begin().verifier;
  });

  it('B04 a code that is older than its lifetime gives nothing', async () => {
    const { c1 } = attacked.apps;
    const attempt = c1.begin();
    const { pathname, search } = attempt.url;
    const cookie = person.jar.header(attempt.url) ?? '';
    // The second process gives codes that live for a second.
    const { headers } = await attacked.send(`${pathname}${search}`, { process: 1, headers: { cookie } });
    const code = new URL(headers.location ?? '').searchParams.get('code') ?? '';
    expect(code).not.toBe('');
    const expired = Date.now() + 2000;
    await waitFor('the code was older than a second', () => Date.now() > expired);
    const audit = { type: 'grant.error', client_id: 'c1', reason: 'invalid_grant' };
    await expectRefusal(attacked, { status: 400, audit }, () => present(c1, { code, attempt }));
  });
});
