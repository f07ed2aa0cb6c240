import { z } from 'zod';
import type { AccountStore } from '../accounts/store.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { isService } from '../http/api/caller.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { AskForSupport } from '../sessions/support/ask-for-support.ts';
import type { EndSupport } from '../sessions/support/end-support.ts';
import {
  type SupportSession,
  type SupportSessionStore,
  stateOfSupport,
} from '../sessions/support/support-session.ts';
import { oneUser } from './user-routes.ts';

export interface SupportRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  supportSessions: Pick<SupportSessionStore, 'listOf'>;
  /** Seconds; 0 is never. */
  supportLimit: number;
  askForSupport: AskForSupport;
  endSupport: EndSupport;
  clock: Clock;
  issuer: string;
}

const oneSupport = oneUser.extend({ support: z.string().regex(/^[0-9a-f]{32}$/) });

const timestamp = z.iso.datetime();

const supportView = z.strictObject({
  id: z.string(),
  operator: z.string().meta({ description: '`sub` of the operator who acts.' }),
  user: z.string().meta({ description: '`sub` of the person in whose place.' }),
  reason: z.string(),
  minutes: z.int(),
  state: z.enum(['asked', 'lapsed', 'running', 'over', 'ended']),
  asked_at: timestamp,
  begun_at: timestamp.nullable(),
  ends_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
});

const newSupport = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(10, 'Say why in at least ten characters; the person reads it.')
    .max(500)
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'Use visible characters only.')
    .meta({ description: 'Why. The person is told, and the audit log keeps it.' }),
  minutes: z.int().min(1).max(480).default(30).meta({ description: 'How long it lasts from its begin.' }),
});

/** `users/{id}/support-sessions`: an operator acts in the place of somebody. */
export function makeSupportRoutes(deps: SupportRouteDeps): Route[] {
  return [ask(deps), list(deps), end(deps)];
}

const ask = (deps: SupportRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/users/{id}/support-sessions',
    operationId: 'askForSupportSession',
    scope: 'users:impersonate',
    summary: 'Ask to act in the place of a user, for a reason and a time',
    params: oneUser,
    missing: 'user_not_found',
    query: noParameters,
    body: { schema: newSupport, mediaTypes: ['application/json'] },
    success: {
      status: 201,
      description:
        'What was asked for. Open `url` within ten minutes in a browser in which you are signed in yourself, and begin there; the user is then told by mail.',
      schema: supportView.extend({ url: z.url() }),
    },
    errors: ['user_not_found', 'conflict', 'forbidden'],
    async handle({ params, body, caller, by }) {
      const { reason, minutes } = body;
      if (isService(caller.claims))
        throw new AppError('forbidden', { message: 'A service has no browser: this takes a person.' });
      if (deps.supportLimit === 0)
        throw new AppError('forbidden', {
          message: 'GATEHOUSE_SUPPORT_SESSION_LIMIT allows no support sessions.',
        });
      if (minutes * 60 > deps.supportLimit) {
        const message = `At most ${Math.floor(deps.supportLimit / 60)} minutes (GATEHOUSE_SUPPORT_SESSION_LIMIT).`;
        throw new AppError('invalid_input', { fields: [{ field: 'minutes', message }] });
      }
      const operatorId = caller.claims.sub;
      const outcome = await deps.askForSupport({ accountId: params.id, operatorId, reason, minutes, by });
      switch (outcome.kind) {
        case 'asked': {
          const { session } = outcome;
          const url = `${deps.issuer}/account/support/${session.id}`;
          return { status: 201, body: { ...show(session, deps.clock.now()), url } };
        }
        case 'missing':
          throw new AppError('user_not_found');
        case 'disabled':
          throw new AppError('conflict', { message: 'The user is disabled. Nobody can act for them.' });
        case 'yourself':
          throw new AppError('conflict', { message: 'That is yourself.' });
        case 'not_allowed':
          throw new AppError('forbidden', { message: 'Your roles lack the permission users:impersonate.' });
        case 'outranked':
          throw new AppError('forbidden', {
            message:
              'The user holds permissions that you do not hold. Nobody becomes more by acting for somebody.',
          });
        default:
          return outcome satisfies never;
      }
    },
  });

const list = (deps: SupportRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/users/{id}/support-sessions',
    operationId: 'listSupportSessions',
    scope: 'users:read',
    summary: 'Who has acted in the place of a user, the latest first; at most 200',
    params: oneUser,
    missing: 'user_not_found',
    query: noParameters,
    body: noBody,
    success: {
      status: 200,
      description: 'The support sessions of the last thirteen months',
      schema: z.strictObject({ items: z.array(supportView), next: z.null() }),
    },
    errors: ['user_not_found'],
    async handle({ params }) {
      if ((await deps.accounts.find(params.id)) === undefined) throw new AppError('user_not_found');
      const now = deps.clock.now();
      const found = await deps.supportSessions.listOf(params.id);
      return { status: 200, body: { items: found.map((session) => show(session, now)), next: null } };
    },
  });

const end = ({ endSupport }: SupportRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/users/{id}/support-sessions/{support}',
    operationId: 'endSupportSession',
    scope: 'users:impersonate',
    summary: 'End a support session before its time, with every token that came of it',
    params: oneSupport,
    missing: 'support_session_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It has ended' },
    errors: ['support_session_not_found'],
    async handle({ params, by }) {
      const { kind } = await endSupport({ id: params.support, accountId: params.id, by });
      if (kind === 'missing') throw new AppError('support_session_not_found');
      return { status: 204 };
    },
  });

function show(session: SupportSession, now: Date): z.output<typeof supportView> {
  return {
    id: session.id,
    operator: session.operatorId,
    user: session.accountId,
    reason: session.reason,
    minutes: session.minutes,
    state: stateOfSupport(session, now),
    asked_at: session.askedAt.toISOString(),
    begun_at: session.begunAt?.toISOString() ?? null,
    ends_at: session.endsAt?.toISOString() ?? null,
    ended_at: session.endedAt?.toISOString() ?? null,
  };
}
