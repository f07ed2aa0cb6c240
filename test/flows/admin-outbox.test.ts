import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { type SmtpSink, startSmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';
import { addAccount, registerService } from './protocol/app.ts';

describe('the outbox of the admin API', () => {
  let sink: SmtpSink;
  let server: RunningGatehouse;
  const refused = new Set<string>();
  beforeAll(async () => {
    sink = await startSmtpSink({ refuse: (to) => (refused.has(to) ? 'No such mailbox here' : undefined) });
    const own = await startGatehouse({ database: 'postgres' });
    server = await own.startAgain({
      env: {
        GATEHOUSE_ISSUER: own.issuer,
        GATEHOUSE_SMTP_URL: sink.url,
        GATEHOUSE_MAIL_FROM: 'no-reply@id.example',
        GATEHOUSE_OUTBOX_INTERVAL: '100ms',
      },
    });
  });
  afterAll(async () => {
    await server.dispose();
    await sink.close();
  });

  const sendLink = async (email: string) => {
    const who = await addAccount(server, email);
    await server.admin('POST', `users/${who.sub}/reset-password`);
    return who;
  };
  const messageOf = (sub: string, state: string) =>
    waitFor(`the mail of ${sub} is ${state}`, async () => {
      const { body } = await server.admin('GET', `outbox?sub=${sub}`);
      const [item] = (body.items ?? []) as { id: string; state: string }[];
      return item?.state === state ? item : undefined;
    });

  it('shows what was delivered, and nothing of what was in it', async () => {
    const { sub, username } = await sendLink('delivered@example.org');
    await sink.mailTo(username);
    const item = await messageOf(sub, 'delivered');
    const { status, body } = await server.admin('GET', `outbox/${item.id}`);
    expect([status, body]).toEqual([
      200,
      {
        id: item.id,
        kind: 'password_reset_by_operator',
        sub,
        state: 'delivered',
        created_at: expect.any(Number),
        expires_at: expect.any(Number),
        attempts: 1,
        finished_at: expect.any(Number),
      },
    ]);
    expect(JSON.stringify((await server.admin('GET', 'outbox')).body)).not.toContain('reset-password?token');
  });

  it('tells of what was refused for good, and delivers it when an operator says so', async () => {
    refused.add('dead@example.org');
    const { sub, username } = await sendLink('dead@example.org');
    const { id } = await messageOf(sub, 'dead');
    const { body } = await server.admin('GET', `outbox/${id}`);
    expect(body.last_error).toContain('No such mailbox here');
    const metrics = await (await fetch(`${server.managementUrl}/metrics`)).text();
    expect(metrics).toMatch(/^gatehouse_outbox_dead [1-9]/m);
    expect(metrics).toMatch(/^gatehouse_outbox_waiting \d/m);
    expect(metrics).toMatch(/^gatehouse_outbox_oldest_seconds \d/m);
    expect(metrics).toMatch(/^gatehouse_outbox_deliveries_total\{outcome="dead"\} [1-9]/m);
    refused.clear();
    await expect(server.admin('POST', `outbox/${id}/retry`)).resolves.toMatchObject({ status: 204 });
    const mail = await sink.mailTo(username);
    expect(mail.headers.get('message-id')).toBe(`<${id}@localhost>`);
    await messageOf(sub, 'delivered');
    await expect(server.admin('POST', `outbox/${id}/retry`)).resolves.toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  it('throws away what is dead, once', async () => {
    refused.add('discarded@example.org');
    const { sub } = await sendLink('discarded@example.org');
    const { id } = await messageOf(sub, 'dead');
    await expect(server.admin('DELETE', `outbox/${id}`)).resolves.toMatchObject({ status: 204 });
    await messageOf(sub, 'discarded');
    await expect(server.admin('DELETE', `outbox/${id}`)).resolves.toMatchObject({ status: 409 });
    await expect(server.admin('DELETE', 'outbox/nobody')).resolves.toMatchObject({
      status: 404,
      body: { code: 'message_not_found' },
    });
  });

  it('wants the scope of settings', async () => {
    const reader = await registerService(server, { client_id: 'outbox-reader', scope: 'users:read' });
    const { body } = await reader.post('token', {
      grant_type: 'client_credentials',
      resource: `${server.issuer}/api/admin`,
    });
    const answer = await fetch(`${server.issuer}/api/admin/v1/outbox`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(answer.status).toBe(403);
  });
});
