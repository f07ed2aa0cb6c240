import { createHash } from 'node:crypto';
import { errors, type KoaContextWithOIDC, type default as Provider } from 'oidc-provider';
import type { PageContext } from '../http/context.ts';
import { openAnswer, sealAnswer } from './refresh-replay.ts';
import type { RequestUnits } from './request-unit.ts';

export interface RefreshReplays {
  find(token: string, window: number): Promise<{ answer: string; fingerprint: Buffer } | undefined>;
  endFamily(model: 'AuthorizationCode' | 'RefreshToken' | 'DeviceCode', token: string): Promise<void>;
}

export interface TokenUnitDeps {
  units: RequestUnits;
  replays: RefreshReplays;
  /** Seconds in which the same refresh gets the same answer; 0 is never. */
  replayWindow: number;
  engine: () => Provider;
}

/**
 * Writes what a token request brings, together with the use of the code or refresh token.
 *
 * The engine checks and then consumes, so two requests with one token both come this far. The database lets one win. The
 * other one, within the window and asking for the same, gets the winner's answer byte for byte; otherwise it is a second use,
 * which ends the whole family (RFC 9700 4.14.2). docs/decisions/0009-idempotent-refresh.md
 */
export async function settleToken(deps: TokenUnitDeps, ctx: PageContext & KoaContextWithOIDC): Promise<void> {
  const { params } = ctx.oidc;
  const token = params?.grant_type === 'refresh_token' ? params.refresh_token : undefined;
  // Only a refresh can be asked again; nothing of this is reckoned for the others.
  const kept =
    typeof token === 'string' && deps.replayWindow > 0
      ? { token, answer: JSON.stringify(ctx.body), fingerprint: fingerprintOf(ctx) }
      : undefined;
  // crash point: before_commit
  const outcome = await deps.units.commit(
    kept && { answer: sealAnswer(kept.answer, kept.token), fingerprint: kept.fingerprint },
  );
  // crash point: after_commit
  if (outcome.kind === 'committed') {
    if (kept !== undefined) send(ctx, kept.answer);
    return;
  }
  const replay = kept && (await deps.replays.find(kept.token, deps.replayWindow));
  if (kept !== undefined && replay?.fingerprint.equals(kept.fingerprint))
    return send(ctx, openAnswer(replay.answer, kept.token));
  await refuse(deps, ctx);
}

/** The very bytes that are stored, so that a second answer is the same to the last one. */
function send(ctx: PageContext, answer: string): void {
  ctx.body = answer;
  ctx.type = 'application/json; charset=utf-8';
}

async function refuse(deps: TokenUnitDeps, ctx: PageContext & KoaContextWithOIDC): Promise<void> {
  const { params } = ctx.oidc;
  const source = sources[String(params?.grant_type)];
  if (source !== undefined) await deps.replays.endFamily(source.model, String(params?.[source.parameter]));
  const error = new errors.InvalidGrant(`${source?.label ?? 'grant'} already consumed`);
  ctx.status = error.statusCode;
  ctx.body = { error: error.error, error_description: error.error_description };
  deps.engine().emit('grant.error', ctx, error);
}

/** What tokens are given for, and where it is presented. */
const sources: Readonly<
  Record<
    string,
    { model: 'AuthorizationCode' | 'RefreshToken' | 'DeviceCode'; parameter: string; label: string }
  >
> = {
  authorization_code: { model: 'AuthorizationCode', parameter: 'code', label: 'authorization code' },
  refresh_token: { model: 'RefreshToken', parameter: 'refresh_token', label: 'refresh token' },
  'urn:ietf:params:oauth:grant-type:device_code': {
    model: 'DeviceCode',
    parameter: 'device_code',
    label: 'device code',
  },
};

/** Who asks for what: a replay must be the same client with the same sender key, and ask for the same. */
function fingerprintOf(ctx: KoaContextWithOIDC): Buffer {
  const { client, params, entities } = ctx.oidc;
  const { scope, resource, authorization_details: details } = params ?? {};
  const { jkt, 'x5t#S256': x5t } = entities.AccessToken ?? {};
  const scopes = typeof scope === 'string' ? scope.split(' ').sort() : null;
  const asked = [client?.clientId, jkt ?? null, x5t ?? null, scopes, resource ?? null, details ?? null];
  return createHash('sha256').update(JSON.stringify(asked)).digest();
}
