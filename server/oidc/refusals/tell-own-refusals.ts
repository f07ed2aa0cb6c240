import type { Actor } from '../../audit/event.ts';
import type { ErrorIds } from '../../clients/refusals/error-ids.ts';
import type { RefusalCode } from '../../clients/refusals/kinds.ts';
import type { NoteRefusals } from '../../clients/refusals/note-refusals.ts';
import type { AppError, ErrorCode } from '../../errors.ts';
import type { PageContext } from '../../http/context.ts';

export interface TellOwnRefusalsDeps {
  refusals: Pick<NoteRefusals, 'note'>;
  errorIds: Pick<ErrorIds, 'make'>;
  newId: () => string;
}

export interface TellOwnRefusals {
  /** A caller of one of our own APIs was refused; `reason` is the word that goes into the audit log. */
  noteCaller(api: 'admin' | 'account', actor: Actor, reason: string): void;
  /** The id that the answer to an error shows; it leads to what was noted of the request. */
  errorIdOf(ctx: PageContext, error: AppError): string;
}

/** What is wrong with the token of a caller. Everything else is said in the answer, field by field. */
const ofCallers: Readonly<Record<string, { code: RefusalCode; error: string }>> = {
  no_token: { code: 'access_token_missing', error: 'unauthenticated' },
  invalid_token: { code: 'access_token_invalid', error: 'invalid_token' },
  invalid_dpop_proof: { code: 'dpop_proof_invalid', error: 'invalid_dpop_proof' },
  wrong_audience: { code: 'access_token_audience_wrong', error: 'invalid_token' },
  insufficient_scope: { code: 'access_token_scope_missing', error: 'insufficient_scope' },
};

/** What is refused at the endpoints of the engine before it is asked. */
const beforeEngine: Partial<Record<ErrorCode, RefusalCode>> = {
  method_not_allowed: 'method_not_allowed',
  body_too_large: 'body_unreadable',
  unsupported_media_type: 'body_unreadable',
  invalid_form: 'body_unreadable',
};

const endpoint = /\/oauth2\/(authorize|token|userinfo|introspect|revoke|par|device_authorization|logout)$/;

/** Requests whose error is being answered; more are never at work at once. */
const mostWaiting = 1000;

/** Tells operators of clients that were refused not by the engine, but around it. */
export function makeTellOwnRefusals(deps: TellOwnRefusalsDeps): TellOwnRefusals {
  const entryOf = new Map<string, string>();

  return {
    noteCaller(api, { kind, id, clientId = kind === 'client' ? id : undefined, requestId }, reason) {
      const found = Object.hasOwn(ofCallers, reason) ? ofCallers[reason] : undefined;
      if (found === undefined || requestId === undefined) return;
      const entryId = deps.refusals.note({
        ...found,
        clientId: clientId ?? null,
        claimedClientId: null,
        endpoint: `${api}_api`,
        facts: { api: `the ${api} API` },
        varying: {},
        requestId,
      });
      if (entryOf.size < mostWaiting) entryOf.set(requestId, entryId);
    },

    errorIdOf(ctx, error) {
      const { requestId } = ctx.state;
      const noted = requestId === undefined ? undefined : entryOf.get(requestId);
      if (requestId !== undefined) entryOf.delete(requestId);
      const [, where] = endpoint.exec(ctx.path) ?? [];
      const code = beforeEngine[error.code];
      if (noted !== undefined) return deps.errorIds.make(noted);
      if (where === undefined || code === undefined) return deps.newId();
      const entryId = deps.refusals.note({
        code,
        clientId: null,
        claimedClientId: null,
        endpoint: where,
        error: error.code,
        facts: { method: ctx.method },
        varying: {},
        requestId: requestId ?? null,
      });
      return deps.errorIds.make(entryId);
    },
  };
}
