import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { readSupportMark } from '../../support-mark.ts';
import type { InTransaction } from '../../transaction.ts';
import type { EndSession } from '../end-sessions.ts';
import type { SessionStore } from '../session-store.ts';
import type { SupportSessionStore } from './support-session.ts';

export interface EndSupportDeps {
  supportSessions: Pick<SupportSessionStore, 'end'>;
  sessions: Pick<SessionStore, 'list'>;
  endSession: EndSession;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

/** Ends a support session before its time, with the browser session and every token that came of it. */
export const makeEndSupport =
  ({ supportSessions, sessions, endSession, audit, inTransaction, clock }: EndSupportDeps) =>
  (input: { id: string; accountId: string; by: Actor }): Promise<{ kind: 'ended' | 'missing' }> =>
    inTransaction(async () => {
      const { id, accountId, by } = input;
      if (!(await supportSessions.end(id, accountId, clock.now()))) return { kind: 'missing' };
      const open = (await sessions.list(accountId, undefined)).filter(
        ({ amr }) => readSupportMark(amr)?.id === id,
      );
      for (const session of open) await endSession({ accountId, id: session.id, by });
      await audit.append({ type: 'support.ended', accountId, supportId: id }, by);
      return { kind: 'ended' };
    });

export type EndSupport = ReturnType<typeof makeEndSupport>;
