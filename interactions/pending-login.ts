import type { InteractionResults } from 'oidc-provider';

/** What is proven so far in one login prompt. */
export interface PendingLogin {
  accountId: string;
  /** Methods used, as RFC 8176 names them. */
  amr: readonly string[];
  provenAt: Date;
  /** When all sessions of the account had been ended last as the proof was looked up: if they are ended again, so is this. */
  sessionsEndedAt: string | null;
}

/**
 * What the engine is told once enough is proven. `ts` is always set: the engine applies this again when the consent comes
 * later, and would move auth_time to that moment. `create` answers the prompt of that name too: who has an account needs none.
 */
export function loginResult({ accountId, amr, provenAt, sessionsEndedAt }: PendingLogin): InteractionResults {
  return {
    create: {},
    login: {
      accountId,
      amr: [...amr],
      acr: 'urn:gatehouse:acr:1fa',
      ts: Math.floor(provenAt.getTime() / 1000),
      sessionsEndedAt,
    },
  };
}
