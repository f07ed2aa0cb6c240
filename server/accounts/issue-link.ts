import type { Ids } from '../ids.ts';
import { hashLinkToken, type LinkPurpose, type NewLink, type OneTimeLinkStore } from './one-time-link.ts';

export interface IssueLinkDeps {
  oneTimeLinks: Pick<OneTimeLinkStore, 'issue'>;
  ids: Pick<Ids, 'secret'>;
  /** The configured issuer: links in mail never begin with what a request says (ATTACKS F01). */
  issuer: string;
}

export interface WantedLink extends Omit<NewLink, 'tokenHash' | 'data'> {
  /** Nothing if there is nothing else to know. */
  data?: NewLink['data'];
}

/** Pages that links lead to, below the issuer. */
const pages: Record<LinkPurpose, string> = {
  sign_up: 'verify-email',
  invitation: 'invitation',
  verify_email: 'verify-email',
  reset_password: 'reset-password',
  change_email: 'confirm-email',
  undo_email: 'undo-email',
  verify_notification_email: 'confirm-notification-email',
  cancel_deletion: 'cancel-deletion',
};

/**
 * Makes a link, which ends each earlier one of the same purpose and subject.
 *
 * @returns its URL, which holds the secret: it belongs in the mail and is kept nowhere else
 */
export async function issueLink(
  { oneTimeLinks, ids, issuer }: IssueLinkDeps,
  { data = {}, ...wanted }: WantedLink,
): Promise<string> {
  const token = ids.secret();
  await oneTimeLinks.issue({ ...wanted, data, tokenHash: hashLinkToken(token) });
  return `${issuer}/${pages[wanted.purpose]}?token=${token}`;
}
