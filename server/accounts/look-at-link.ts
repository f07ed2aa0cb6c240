import type { Clock } from '../clock.ts';
import {
  hashLinkToken,
  type LinkPurpose,
  type LinkState,
  type OneTimeLink,
  type OneTimeLinkStore,
  stateOfLink,
} from './one-time-link.ts';

/** Why a link does nothing: `unknown` was never one, or was one for something else. */
export type LinkFault = Exclude<LinkState, 'live'> | 'unknown';

export interface LookAtLinkDeps {
  oneTimeLinks: Pick<OneTimeLinkStore, 'find'>;
  clock: Clock;
}

/** The link of this purpose whose token this is, while it works; or else why it does not. Uses nothing up (ATTACKS F06). */
export async function lookAtLink(
  { oneTimeLinks, clock }: LookAtLinkDeps,
  token: string,
  purpose: LinkPurpose,
): Promise<OneTimeLink | LinkFault> {
  const link = await oneTimeLinks.find(hashLinkToken(token));
  if (link?.purpose !== purpose) return 'unknown';
  const state = stateOfLink(link, clock.now());
  return state === 'live' ? link : state;
}

/** Undoes, with the open transaction, the use of a link that turned out to do nothing. */
export class LinkDoesNothing extends Error {
  readonly why: LinkFault | 'taken';

  constructor(why: LinkFault | 'taken') {
    super(`the link does nothing: ${why}`);
    this.why = why;
  }
}

/**
 * Runs what a link does; a use that throws LinkDoesNothing leaves everything as it was.
 *
 * @returns what the use returns, or why the link does nothing
 */
export async function useLink<Outcome>(
  use: () => Promise<Outcome>,
): Promise<Outcome | { kind: 'over'; why: LinkFault } | { kind: 'taken' }> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof LinkDoesNothing)) throw error;
    return error.why === 'taken' ? { kind: 'taken' } : { kind: 'over', why: error.why };
  }
}
