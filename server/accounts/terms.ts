import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { InTransaction } from '../transaction.ts';

/** Which versions of the terms people have accepted. */
export interface TermsStore {
  hasAccepted(accountId: string, version: string): Promise<boolean>;
  /** MUST be one statement; a version that was accepted before keeps its time. */
  accept(accountId: string, version: string, now: Date): Promise<void>;
}

/** The terms of this service as they are now. */
export interface PresentTerms {
  version: string;
  url: string;
  privacyUrl: string | null;
}

export interface TermsDeps {
  terms: TermsStore;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  presentTerms: PresentTerms | undefined;
}

/** What people have to accept before they go on: nothing, while this service has no terms. */
export function makeTermsUse({ terms, audit, inTransaction, clock, presentTerms }: TermsDeps) {
  return {
    present: presentTerms,

    /** Whether somebody has not accepted the present version yet. */
    isOwed: async (accountId: string): Promise<boolean> =>
      presentTerms !== undefined && !(await terms.hasAccepted(accountId, presentTerms.version)),

    /** Keeps that they have. False for any version but the present one: nobody accepts what they were not shown. */
    async accept({
      accountId,
      version,
      by,
    }: {
      accountId: string;
      version: string;
      by: Actor;
    }): Promise<boolean> {
      if (version !== presentTerms?.version) return false;
      await inTransaction(() => noteAcceptance({ terms, audit, clock }, accountId, version, by));
      return true;
    },
  };
}

export type TermsUse = ReturnType<typeof makeTermsUse>;

/** Keeps an acceptance with its event; to be called in a transaction. */
export async function noteAcceptance(
  { terms, audit, clock }: Pick<TermsDeps, 'terms' | 'audit' | 'clock'>,
  accountId: string,
  version: string,
  by: Actor,
): Promise<void> {
  await terms.accept(accountId, version, clock.now());
  await audit.append({ type: 'terms.accepted', accountId, version }, by);
}

/** What is wrong with the version that a form says was accepted, in words for a person. */
export function faultInTerms(present: PresentTerms | undefined, accepted: string): string | undefined {
  if (present === undefined || accepted === present.version) return undefined;
  return 'Read the terms, then accept them here. Without that there can be no account.';
}
