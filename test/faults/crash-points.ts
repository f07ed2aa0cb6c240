import { fileURLToPath } from 'node:url';

/** Where a server dies, and what it has kept by then. */
export interface CrashPoint {
  /** `name@pass` of a comment `// crash point: name` in the source; see crash-point-preload.ts. */
  at: string;
  /** Whether what the request did is in the database: before the commit, after it, or while it was under way. */
  kept: 'nothing' | 'all' | 'either';
}

/** Whether the client may have got its answer before the server died. */
export const mayAnswer = ({ at, kept }: CrashPoint): boolean => kept === 'either' || at === 'answer_flushed';

/** On the way of a code exchange, in the order in which it meets them. */
export const codeExchange: readonly CrashPoint[] = [
  { at: 'request_begun', kept: 'nothing' },
  { at: 'unit_begun', kept: 'nothing' },
  { at: 'client_found', kept: 'nothing' },
  { at: 'presented_found', kept: 'nothing' },
  { at: 'use_noted', kept: 'nothing' },
  { at: 'account_found', kept: 'nothing' },
  // The access token, then the refresh token.
  { at: 'artifact_added', kept: 'nothing' },
  { at: 'artifact_added@2', kept: 'nothing' },
  { at: 'claims_read', kept: 'nothing' },
  { at: 'before_commit', kept: 'nothing' },
  { at: 'before_commit+1', kept: 'either' },
  { at: 'before_commit+2', kept: 'either' },
  { at: 'after_commit', kept: 'all' },
  { at: 'answer_framed', kept: 'all' },
  { at: 'answer_flushed', kept: 'all' },
];

/** A refresh goes the same way. */
export const refresh: readonly CrashPoint[] = codeExchange;

/** On the way of a new password by a link, in the order in which it meets them. */
export const passwordReset: readonly CrashPoint[] = [
  { at: 'request_begun', kept: 'nothing' },
  { at: 'password_hashed', kept: 'nothing' },
  { at: 'link_used', kept: 'nothing' },
  { at: 'password_saved', kept: 'nothing' },
  { at: 'password_told', kept: 'nothing' },
  { at: 'password_told+1', kept: 'either' },
  { at: 'password_told+3', kept: 'either' },
  { at: 'password_committed', kept: 'all' },
  { at: 'answer_framed', kept: 'all' },
  { at: 'answer_flushed', kept: 'all' },
];

/** On the way of an account by the link of its sign-up, in the order in which it meets them. */
export const signUp: readonly CrashPoint[] = [
  { at: 'request_begun', kept: 'nothing' },
  { at: 'sign_up_link_used', kept: 'nothing' },
  { at: 'sign_up_account_made', kept: 'nothing' },
  { at: 'sign_up_told', kept: 'nothing' },
  { at: 'sign_up_told+1', kept: 'either' },
  { at: 'sign_up_told+3', kept: 'either' },
  { at: 'sign_up_committed', kept: 'all' },
  { at: 'answer_framed', kept: 'all' },
  { at: 'answer_flushed', kept: 'all' },
];

/** The mail server has said yes, and nobody has noted it. What comes first is the task that owes the mail. */
export const mailDelivery: readonly CrashPoint[] = [{ at: 'mail_accepted@2', kept: 'nothing' }];

/** A sink of the audit log has what it was given, and nobody has noted it. */
export const auditShipping: CrashPoint = { at: 'audit_shipped', kept: 'nothing' };

/** Names of the points that tests use. */
export const crashPointNames: readonly string[] = [
  ...new Set(
    [...codeExchange, ...passwordReset, ...signUp, ...mailDelivery, auditShipping].map(({ at }) =>
      at.replace(/[@+].*$/, ''),
    ),
  ),
];

/** Environment of a server that dies there. */
export const dyingAt = ({ at }: CrashPoint): Record<string, string> => ({
  CRASH_AT: at,
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('./crash-point-preload.ts', import.meta.url))}`,
});
