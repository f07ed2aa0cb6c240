import type { IncomingMessage } from 'node:http';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { ErrorIds } from '../../clients/refusals/error-ids.ts';
import { explain } from '../../clients/refusals/explain.ts';
import type { RefusalCode } from '../../clients/refusals/kinds.ts';
import type { NoteRefusals } from '../../clients/refusals/note-refusals.ts';
import type { Clock } from '../../clock.ts';
import { secretVerdictOn, secretWasHeld } from '../secret-guard.ts';
import type { EngineError } from '../unfinished.ts';
import { gather, sentClientIds } from './gather.ts';

export interface TellRefusalsDeps {
  refusals: Pick<NoteRefusals, 'note'>;
  errorIds: Pick<ErrorIds, 'make'>;
  clock: Clock;
  newId: () => string;
  /** Whether a client of this id is in memory: asks nobody. */
  isKnownClient(clientId: string): boolean;
}

export interface TellRefusals {
  /** Keeps why the engine refused this request. Returns the code, or nothing for what is no refusal of a client. */
  note(ctx: KoaContextWithOIDC, error: EngineError): RefusalCode | undefined;
  /** The id that the page of this error shows, by which operators find why. Notes the error if that was not done yet. */
  errorIdOf(ctx: KoaContextWithOIDC, error: EngineError): string;
}

interface Noted {
  error: EngineError;
  entryId: string;
  code: RefusalCode;
}

/** Answers that belong to a flow which goes well, and what only the server itself can mend. */
const expected: readonly unknown[] = ['authorization_pending', 'slow_down', 'use_dpop_nonce'];

/** What a client can be called. */
const possible = /^[A-Za-z0-9._~-]{1,128}$/;

const endpoints: Readonly<Record<string, string>> = {
  authorization: 'authorize',
  resume: 'authorize',
  pushed_authorization_request: 'par',
  code_verification: 'device',
  device_resume: 'device',
  introspection: 'introspect',
  revocation: 'revoke',
  end_session: 'logout',
  end_session_confirm: 'logout',
  end_session_success: 'logout',
};

/** Tells operators why the engine refused a request, with what can be found out about it. */
export function makeTellRefusals(deps: TellRefusalsDeps): TellRefusals {
  /** The engine emits an error before or after its page is shown, so whichever comes first notes it. */
  const noted = new WeakMap<IncomingMessage, Noted>();

  function note(ctx: KoaContextWithOIDC, error: EngineError): Noted | undefined {
    if (!isOfClient(ctx, error)) return undefined;
    const before = noted.get(ctx.req);
    if (before?.error === error) return before;
    const endpoint = endpoints[ctx.oidc?.route ?? ''] ?? ctx.oidc?.route ?? 'any';
    const verdict = secretVerdictOn(ctx.req);
    const secretEnded = verdict?.kind === 'expired' ? verdict.expiredAt : undefined;
    const judged = { held: secretWasHeld(ctx.req), secretEnded };
    const explanation = explain(gather(ctx, endpoint, error, judged, deps.clock.now()));
    const entryId = deps.refusals.note({
      ...explanation,
      ...clientOf(ctx),
      endpoint,
      error: error.error ?? 'error',
      requestId: ctx.response.get('x-request-id') || null,
    });
    const now = { error, entryId, code: explanation.code };
    noted.set(ctx.req, now);
    return now;
  }

  function clientOf(ctx: KoaContextWithOIDC) {
    const sent = sentClientIds(ctx).filter((id) => possible.test(id));
    return {
      clientId: ctx.oidc?.client?.clientId ?? sent.find((id) => deps.isKnownClient(id)) ?? null,
      claimedClientId: sent[0] ?? null,
    };
  }

  return {
    note: (ctx, error) => note(ctx, error)?.code,
    errorIdOf(ctx, error) {
      const entry = note(ctx, error);
      return entry === undefined ? deps.newId() : deps.errorIds.make(entry.entryId);
    },
  };
}

/** The engine's own forms: what is wrong with them is no client's doing. */
const ownForms: readonly unknown[] = ['end_session_confirm', 'code_verification', 'device_resume'];

function isOfClient({ oidc }: KoaContextWithOIDC, error: EngineError): boolean {
  if (!(error instanceof errors.OIDCProviderError) || error.statusCode >= 500) return false;
  if (error instanceof errors.SessionNotFound || error instanceof errors.UnsupportedTokenType) return false;
  if (expected.includes(error.error)) return false;
  return !(ownForms.includes(oidc?.route) && error.error === 'invalid_request');
}
