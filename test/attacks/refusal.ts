import { expect } from '@jest/globals';
import type { HttpResponse } from '../support/http.ts';
import type { AuditRow } from './database-view.ts';
import type { Attacked } from './fixture.ts';

export interface Refusal {
  status: number;
  /** What the one row in the audit log says, beside where it came from. */
  audit: { type: string; reason?: string } & Partial<AuditRow>;
}

/** What only a server's own insides would say: stack frames, paths of its files, SQL. */
const insides =
  /\n\s+at |node_modules|\.[jt]s:\d+|oidc_artifact|\b(?:select|delete)\b.+\bfrom\b|\binsert into\b|\bsyntax error\b|relation "/i;

/**
 * The standard refusal: the status that is expected, nothing about the insides, nothing for caches to keep, nothing changed in
 * the database, and one audit row that says who asked, from where and why it was refused.
 */
export async function expectRefusal(
  { database }: Attacked,
  expected: Refusal,
  attack: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const [before, last] = [await database.counts(), await database.lastAuditId()];
  const answer = await attack();
  const [after, rows] = [await database.counts(), await database.auditAfter(last)];
  expect(answer.status).toBe(expected.status);
  expect(answer.text).not.toMatch(insides);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(after).toEqual({ ...before, audit_event: (before.audit_event ?? 0) + rows.length });
  const { reason, ...row } = expected.audit;
  expect(rows).toEqual([
    expect.objectContaining({
      ...row,
      ip: '127.0.0.1',
      request_id: answer.headers['x-request-id'],
      ...(reason === undefined ? {} : { data: expect.objectContaining({ reason }) }),
    }),
  ]);
  return answer;
}
