import { z } from 'zod';
import type { Actor, AuditLog } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { OutboxEntry, OutboxOffice } from '../outbox/outbox-store.ts';
import type { InTransaction } from '../transaction.ts';

export interface OutboxRouteDeps {
  outboxOffice: OutboxOffice;
  audit: AuditLog;
  inTransaction: InTransaction;
  cursors: Cursors;
}

const id = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const oneMessage = z.strictObject({ id });
const states = ['waiting', 'delivered', 'dead', 'expired', 'discarded'] as const;
const seconds = z.int().meta({ description: 'Seconds since 1970.' });

const messageView = z
  .strictObject({
    id: z.string(),
    kind: z
      .string()
      .meta({ description: 'What it is: `password_reset` and the like. What is in it is not shown.' }),
    sub: z.string().optional().meta({ description: 'Whom it concerns, where that is known.' }),
    state: z.enum(states),
    created_at: seconds,
    due_at: seconds.optional().meta({ description: 'When it is tried next; of waiting ones.' }),
    expires_at: seconds.optional().meta({ description: 'When it is of no use any more.' }),
    attempts: z.int(),
    finished_at: seconds.optional(),
    last_error: z.string().optional().meta({ description: 'What the other side said, in its own words.' }),
  })
  .meta({ id: 'OutboxMessage' });

/** `outbox` of the admin API: what is owed to people and programs outside, and what has become of it. */
export function makeOutboxRoutes(deps: OutboxRouteDeps): Route[] {
  return [listMessages(deps), readMessage(deps), retryMessage(deps), discardMessage(deps)];
}

const listMessages = ({ outboxOffice, cursors }: OutboxRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/outbox',
    operationId: 'listOutbox',
    scope: 'config:read',
    summary: 'Deliveries: waiting, dead and finished ones, oldest first',
    params: noParameters,
    query: z.strictObject({
      ...pageQuery,
      state: z.enum(states).optional(),
      kind: z
        .string()
        .regex(/^[a-z_]{1,64}$/)
        .optional(),
      sub: id.optional().meta({ description: 'Those that concern this user.' }),
    }),
    body: noBody,
    success: { status: 200, description: 'A page of messages', schema: pageOf(messageView) },
    errors: ['invalid_cursor'],
    async handle({ query: { after, sub, ...query } }) {
      const page = (place: string | undefined) =>
        outboxOffice.list({ ...query, accountId: sub, after: place });
      const asked = { ...query, sub };
      return { status: 200, body: await readPage(cursors, 'outbox', after, page, showMessage, asked) };
    },
  });

const readMessage = ({ outboxOffice }: OutboxRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/outbox/{id}',
    operationId: 'readOutboxMessage',
    scope: 'config:read',
    summary: 'One delivery',
    params: oneMessage,
    missing: 'message_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The message, without what is in it', schema: messageView },
    errors: ['message_not_found'],
    handle: async ({ params }) => ({ status: 200, body: showMessage(await find(outboxOffice, params.id)) }),
  });

const retryMessage = (deps: OutboxRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/outbox/{id}/retry',
    operationId: 'retryOutboxMessage',
    scope: 'config:write',
    summary: 'Deliver a dead message after all',
    params: oneMessage,
    missing: 'message_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It is tried at once, and again as if it were new' },
    errors: ['message_not_found', 'conflict'],
    handle: ({ params, by }) => act(deps, params.id, 'retry', by),
  });

const discardMessage = (deps: OutboxRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/outbox/{id}',
    operationId: 'discardOutboxMessage',
    scope: 'config:write',
    summary: 'Throw away a message that waits or is dead',
    params: oneMessage,
    missing: 'message_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It is never delivered, and what was in it is gone' },
    errors: ['message_not_found', 'conflict'],
    handle: ({ params, by }) => act(deps, params.id, 'discard', by),
  });

const refusals = {
  retry: 'Only a dead message can be tried again. Nothing was changed.',
  discard: 'It is finished, or on its way at this moment. Nothing was changed.',
} as const;

async function act(
  { outboxOffice, audit, inTransaction }: OutboxRouteDeps,
  messageId: string,
  what: 'retry' | 'discard',
  by: Actor,
) {
  const { kind, accountId } = await find(outboxOffice, messageId);
  await inTransaction(async () => {
    if (!(await outboxOffice[what](messageId))) throw new AppError('conflict', { message: refusals[what] });
    const type = what === 'retry' ? 'outbox.retried' : 'outbox.discarded';
    await audit.append({ type, messageId, kind, accountId: accountId ?? undefined }, by);
  });
  return { status: 204 } as const;
}

async function find(office: OutboxOffice, messageId: string): Promise<OutboxEntry> {
  const entry = await office.find(messageId);
  if (entry === undefined) throw new AppError('message_not_found');
  return entry;
}

const inSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);

function showMessage(entry: OutboxEntry): z.output<typeof messageView> {
  const { accountId, dueAt, expiresAt, finishedAt, lastError, state } = entry;
  return {
    id: entry.id,
    kind: entry.kind,
    ...(accountId === null ? {} : { sub: accountId }),
    state,
    created_at: inSeconds(entry.createdAt),
    ...(state === 'waiting' ? { due_at: inSeconds(dueAt) } : {}),
    ...(expiresAt === null ? {} : { expires_at: inSeconds(expiresAt) }),
    attempts: entry.attempts,
    ...(finishedAt === null ? {} : { finished_at: inSeconds(finishedAt) }),
    ...(lastError === null ? {} : { last_error: lastError }),
  };
}
