import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { AuditLog } from '../../server/audit/event.ts';
import { aWord, someTime } from './builders.ts';

export interface AuditLogUnderTest {
  audit: AuditLog;
  database: Database;
}

/** The promises of the port AuditLog. Its clock is stopped at `someTime`. */
export function describeAuditLog(name: string, open: () => AuditLogUnderTest): void {
  describe(`${name}: audit log`, () => {
    let audit: AuditLog;
    let database: Database;
    beforeAll(() => {
      ({ audit, database } = open());
    });

    const rowsOf = async (accountId: string): Promise<Record<string, unknown>[]> =>
      database.current()('audit_event').where({ account_id: accountId }).orderBy('id').select('*');

    it('writes who did what to whom, from where and when', async () => {
      const accountId = aWord();
      await audit.append(
        {
          type: 'user.updated',
          accountId,
          change: { before: { email: null }, after: { email: 'a@b.example' } },
        },
        {
          kind: 'client',
          id: 'operator-tool',
          clientId: 'console',
          ip: '192.0.2.7',
          userAgent: 'curl/8',
          requestId: 'r1',
          sessionId: 'a session',
          onBehalfOf: 'somebody else',
        },
      );
      await expect(rowsOf(accountId)).resolves.toEqual([
        {
          id: expect.any(String),
          recorded_at: expect.any(Date),
          occurred_at: someTime,
          type: 'user.updated',
          actor_kind: 'client',
          actor_id: 'operator-tool',
          actor_client_id: 'console',
          client_id: null,
          account_id: accountId,
          ip: '192.0.2.7',
          user_agent: 'curl/8',
          request_id: 'r1',
          session_id: 'a session',
          on_behalf_of: 'somebody else',
          data: { change: { before: { email: null }, after: { email: 'a@b.example' } } },
          salt: expect.any(Buffer),
          personal_hash: expect.any(Buffer),
          seal_key: 'tests',
          seal: expect.any(Buffer),
        },
      ]);
    });

    it('tells the client that an event is about from the client through which somebody acts', async () => {
      const accountId = aWord();
      await audit.append(
        { type: 'consent.granted', accountId, clientId: 'shop', scopes: ['openid'] },
        { kind: 'account', id: accountId, clientId: 'console' },
      );
      await expect(rowsOf(accountId)).resolves.toMatchObject([
        { client_id: 'shop', actor_client_id: 'console', data: { scopes: ['openid'] } },
      ]);
    });

    it('keeps no event of a transaction that fails', async () => {
      const accountId = aWord();
      const failing = database.inTransaction(async () => {
        await audit.append({ type: 'user.password.upgraded', accountId }, { kind: 'system' });
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await expect(rowsOf(accountId)).resolves.toEqual([]);
    });

    it('does not let a stranger decide how much is stored', async () => {
      const accountId = aWord();
      await audit.append(
        { type: 'signin.failed', accountId, reason: 'wrong_password' },
        { kind: 'anonymous', userAgent: 'x'.repeat(15_000) },
      );
      await expect(rowsOf(accountId)).resolves.toMatchObject([{ user_agent: 'x'.repeat(512) }]);
    });
  });
}
