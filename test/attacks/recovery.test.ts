import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shown } from '../flows/protocol/app.ts';
import type { HttpResponse } from '../support/http.ts';
import { linkTo, mailTo, readMailbox } from '../support/mailbox.ts';
import { makePerson } from '../support/person.ts';
import { patience } from './arena.ts';
import { atOnce, rawPost } from './barrier.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { makeRecoveryTools, type RecoveryTools } from './recovery-tools.ts';

const fresh = 'seven otters paint blue doors';

describe('getting at an account by a new password, on two processes', () => {
  let attacked: Attacked;
  let tools: RecoveryTools;
  beforeAll(async () => {
    attacked = await startAttacked();
    tools = makeRecoveryTools(attacked);
  });
  afterAll(() => attacked.dispose());

  const newPerson: RecoveryTools['newPerson'] = (changes) => tools.newPerson(changes);
  const signIn: RecoveryTools['signIn'] = (who, password) => tools.signIn(who, password);
  const openForm: RecoveryTools['openForm'] = (path, process) => tools.openForm(path, process);
  const linkFor: RecoveryTools['linkFor'] = (who) => tools.linkFor(who);

  /** All that a stranger sees but what is another one in every answer. */
  const looks = ({ status, headers, text, setCookies }: HttpResponse) => ({
    status,
    headers: Object.entries(headers).filter(
      ([name]) => !['date', 'x-request-id', 'set-cookie', 'content-security-policy'].includes(name),
    ),
    cookies: setCookies.map((cookie) => cookie.replace(/=[^;]*/, '')),
    text: text.replaceAll(/value="[\w-]{43}"/g, 'value="TOKEN"'),
  });

  it('D01: forgot-password answers everybody in the same words, headers, length and cookies', async () => {
    const known = await newPerson({ preferred_username: 'known-name' });
    const without = await newPerson({ password: undefined });
    const names = [
      known.username,
      'KNOWN-NAME',
      without.username,
      attacked.people.disabled.username,
      'nobody@example.org',
      'no address at all',
      '',
      'x'.repeat(900),
      '<script>@example.org',
    ];
    const answers = await Promise.all(
      names.map(async (email) => looks(await (await openForm('/forgot-password')).send({ email }))),
    );
    expect(answers[0]?.status).toBe(200);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('F01: the link in the mail is always one of the configured issuer', async () => {
    const evil = 'evil.example';
    const { host } = new URL(attacked.issuer);
    const sets: Record<string, string>[] = [
      { host: evil },
      { host: `${evil}:${host}` },
      { host: `${evil}:x@${host}` },
      { host: `${host}@${evil}` },
      { host: `${host}.${evil}` },
      { 'x-forwarded-host': evil },
      { 'x-forwarded-host': `${evil}, ${host}` },
      { 'x-forwarded-proto': 'javascript' },
      { forwarded: `host=${evil};proto=http;for=192.0.2.1` },
      { 'x-forwarded-server': evil, 'x-host': evil, 'x-original-host': evil },
      { 'x-forwarded-port': '1', 'x-forwarded-prefix': '//evil.example' },
      { 'x-original-url': 'http://evil.example/', 'x-rewrite-url': '/evil', referer: 'http://evil.example/' },
    ];
    for (const headers of sets) {
      const who = await newPerson();
      const answer = await (await openForm('/forgot-password')).send({ email: who.username }, headers);
      expect([JSON.stringify(headers), [200, 400, 421].includes(answer.status)]).toEqual([
        JSON.stringify(headers),
        true,
      ]);
      expect(answer.text).not.toContain(evil);
      if (answer.status !== 200) continue;
      const mail = await mailTo(attacked.issuer, who.username);
      expect(mail.links).not.toEqual([]);
      for (const link of mail.links) expect(link.startsWith(`${attacked.issuer}/`)).toBe(true);
      expect(`${mail.text}${mail.html}`).not.toContain(evil);
    }
    const refused = await (await openForm('/forgot-password')).send(
      { email: 'a@example.org' },
      { host: evil },
    );
    expect([400, 421]).toContain(refused.status);
  });

  it(
    'F02: of 50 who use one link at once one sets the password, and it is theirs',
    async () => {
      const who = await newPerson();
      for (let round = 0; round < 3; round += 1) {
        const path = await linkFor(who);
        const { values, headers } = await openForm(path);
        const password = (index: number) => `otters of round ${round} and number ${index}`;
        const host = new URL(attacked.issuer).host;
        const answers = await atOnce(
          attacked.servers.map(({ port }) => port),
          Array.from({ length: 50 }, (_, index) =>
            rawPost(host, '/reset-password', headers, { ...values, new_password: password(index) }),
          ),
        );
        const won = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
        expect(won).toHaveLength(1);
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]));
        await expect(signIn(who, password(won[0] ?? -1))).resolves.toBe(true);
        await expect(signIn(who, password(won[0] === 0 ? 1 : 0))).resolves.toBe(false);
        const { page: again } = await openForm(path, 1);
        expect([again.status, again.text]).toEqual([400, expect.stringContaining('used already')]);
      }
      const rows = await attacked.database.rows(
        `select count(*)::int as rows from audit_event where type = 'password.changed' and account_id = '${who.sub}'`,
      );
      expect(rows).toEqual([{ rows: 3 }]);
      const mails = await readMailbox(attacked.issuer);
      const told = () =>
        mails.filter(({ to, subject }) => to === who.username && subject.includes('was changed'));
      await mailTo(attacked.issuer, who.username, 'was changed', 3);
      expect(told().length).toBeLessThanOrEqual(3);
    },
    patience,
  );

  it('F06: whoever only looks at the link uses nothing up, and it leaks to nobody', async () => {
    const who = await newPerson();
    const path = await linkFor(who);
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET', 'OPTIONS'])
      await attacked.send(path, { method, headers: { 'user-agent': 'mail scanner' } });
    const form = await openForm(path, 1);
    expect(form.page.headers['referrer-policy']).toMatch(/^(?:same-origin|no-referrer|strict-origin)$/);
    expect(form.page.headers['cache-control']).toBe('no-store');
    const foreign = [...form.page.text.matchAll(/(?:src|href|action)="([^"]*)"/g)]
      .map(([, address = '']) => new URL(address, attacked.issuer).origin)
      .filter((origin) => origin !== new URL(attacked.issuer).origin);
    expect(foreign).toEqual([]);
    expect((await form.send({ new_password: fresh })).status).toBe(200);
    await expect(signIn(who, fresh)).resolves.toBe(true);
    const token = new URL(path, attacked.issuer).searchParams.get('token') ?? 'missing';
    expect(attacked.output()).not.toContain(token);
    const audit = JSON.stringify(await attacked.database.auditAfter('0'));
    expect(audit).not.toContain(token);
  });

  it(
    'F07: 500 requests for one person bring one mail, the same answer, and lock nobody',
    async () => {
      const who = await newPerson({ preferred_username: 'flooded' });
      const form = await openForm('/forgot-password');
      const host = new URL(attacked.issuer).host;
      const names = [who.username, who.username.toUpperCase(), 'flooded', ` ${who.username} `];
      const statuses = new Set<number>();
      for (let round = 0; round < 10; round += 1) {
        const answers = await atOnce(
          attacked.servers.map(({ port }) => port),
          Array.from({ length: 50 }, (_, index) =>
            rawPost(host, '/forgot-password', form.headers, {
              ...form.values,
              email: names[index % names.length] ?? '',
            }),
          ),
        );
        for (const { status } of answers) statuses.add(status);
      }
      expect([...statuses]).toEqual([200]);
      // Whoever asks after them is answered, so all of theirs has been worked on.
      const last = await newPerson();
      await (await openForm('/forgot-password')).send({ email: last.username });
      await mailTo(attacked.issuer, last.username);
      const mails = (await readMailbox(attacked.issuer)).filter(({ to }) => to === who.username);
      expect(mails).toHaveLength(1);
      await expect(signIn(who, who.password)).resolves.toBe(true);
    },
    patience,
  );

  it('F08, C09: a reset signs nobody in, and ends every session and token there is', async () => {
    const who = await newPerson();
    const [here, there] = [makePerson(attacked.issuer), makePerson(attacked.issuer)];
    const tokens = [
      [attacked.apps.c1, await attacked.apps.c1.signIn(here, who)],
      [attacked.apps.c2, await attacked.apps.c2.signIn(there, who)],
    ] as const;
    const form = await openForm(await linkFor(who));
    const answer = await form.send({ new_password: fresh });
    expect(answer.status).toBe(200);
    expect(answer.setCookies.filter((cookie) => /session|device/.test(cookie))).toEqual([]);
    for (const [app, { body }] of tokens) {
      expect((await app.refresh(String(body.refresh_token))).body.error).toBe('invalid_grant');
      expect((await app.userinfo(String(body.access_token))).status).toBe(401);
      const { body: said } = await attacked.guard.post('introspect', { token: String(body.access_token) });
      expect(said.active).toBe(false);
    }
    for (const person of [here, there]) {
      const seen = await person.visit(attacked.apps.c1.begin({ prompt: 'none' }).url);
      expect(seen.url.searchParams.get('error')).toBe('login_required');
    }
  });

  it('C11: nobody changes a password in a session that is not fresh', async () => {
    const who = await newPerson();
    const person = makePerson(attacked.issuer);
    await person.visit('/account/security');
    await person.signIn(who);
    const form = person.page();
    const { csrf = '' } = form.forms.find(({ fields }) => fields.includes('new_password'))?.values ?? {};
    await attacked.database.rows(
      `update oidc_artifact set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::int - 301))
       where model = 'Session' and account_id = '${who.sub}'`,
    );
    const cookie = person.jar.header(new URL(attacked.issuer)) ?? '';
    const origin = new URL(attacked.issuer).origin;
    for (const process of [0, 1] as const) {
      const page = await attacked.send('/account/security', { process, headers: { cookie } });
      const posted = await attacked.send('/account/security', {
        process,
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ csrf, password: who.password, new_password: fresh }).toString(),
      });
      for (const answer of [page, posted])
        expect([answer.status, answer.headers.location]).toEqual([
          303,
          expect.stringContaining('max_age=300'),
        ]);
    }
    const resource = `${attacked.issuer}/api/account`;
    const attempt = attacked.apps.c1.begin({ scope: 'openid account:security', resource, prompt: 'none' });
    const { body } = await attacked.apps.c1.redeem(attempt, await person.visit(attempt.url));
    const answer = await attacked.send('/api/account/v1/password', {
      method: 'POST',
      headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ password: who.password, new_password: fresh }),
    });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('insufficient_user_authentication'),
    ]);
    await expect(signIn(who, who.password)).resolves.toBe(true);
  });

  it('I08: an operator learns no password and chooses none for somebody who has an account', async () => {
    const who = await newPerson();
    const before = await attacked.database.lastAuditId();
    const patched = await attacked.servers[0].admin('PATCH', `users/${who.sub}`, { password: fresh });
    expect(patched).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_input',
        errors: [{ field: 'password', message: expect.stringContaining('/reset-password') }],
      },
    });
    await expect(signIn(who, fresh)).resolves.toBe(false);
    const started = await attacked.servers[0].admin('POST', `users/${who.sub}/reset-password`);
    expect([started.status, JSON.stringify(started.body)]).toEqual([204, '{}']);
    const rows = await attacked.database.auditAfter(before);
    expect(rows.map(({ type }) => type)).toContain('password.reset.started');
    const link = linkTo(
      '/reset-password',
      await mailTo(attacked.issuer, who.username, 'Choose your password'),
    );
    expect(shown(await makePerson(attacked.issuer).visit(link)).status).toBe(200);
    const other = await attacked.servers[0].admin('POST', 'users/nobody/reset-password');
    expect(other.status).toBe(404);
  });
});
