import type { KoaContextWithOIDC, default as Provider } from 'oidc-provider';
import { awaitBeforeAnswer, type EngineError } from './unfinished.ts';

/** How the engine says that a code was presented by another client than its own, or for another redirect URI. */
const misusedCode: readonly unknown[] = ['client mismatch', 'authorization code redirect_uri mismatch'];

/** How it says that a refresh token was presented by another client, or with another key than it is bound to. */
const misusedRefresh: readonly unknown[] = [
  'client mismatch',
  'failed jkt verification',
  'failed x5t#S256 verification',
];

/** How it, or the storage, says that a refresh token was used before. It ends the family itself then. */
const usedRefresh: readonly unknown[] = ['refresh token already used', 'refresh token already consumed'];

const grantTypeOf = (ctx: KoaContextWithOIDC): unknown => ctx.oidc.params?.grant_type;

/** Whether this refusal means that a refresh token is in more hands than one. */
export function isReuse(ctx: KoaContextWithOIDC, { error_detail: detail }: EngineError): boolean {
  return grantTypeOf(ctx) === 'refresh_token' && [...misusedRefresh, ...usedRefresh].includes(detail);
}

/**
 * A code or refresh token in the wrong hands has leaked: the right ones may be second. The engine refuses it and leaves it
 * alive; here it ends, with everything that hangs from it (RFC 6749 4.1.2, RFC 9700 4.5 and 4.14).
 */
export function endMisused(provider: Provider): void {
  provider.on('grant.error', (ctx, error: EngineError) => {
    const { code, refresh_token: token } = ctx.oidc.params ?? {};
    const { error_detail: detail } = error;
    if (
      grantTypeOf(ctx) === 'authorization_code' &&
      typeof code === 'string' &&
      misusedCode.includes(detail)
    ) {
      awaitBeforeAnswer(ctx.req, endCode(provider, code));
    }
    if (
      grantTypeOf(ctx) === 'refresh_token' &&
      typeof token === 'string' &&
      misusedRefresh.includes(detail)
    ) {
      awaitBeforeAnswer(ctx.req, endRefreshToken(provider, token));
    }
  });
}

async function endCode(provider: Provider, value: string): Promise<void> {
  const code = await provider.AuthorizationCode.find(value);
  if (code === undefined) return;
  await code.destroy();
  // It is not expired, or it had not been found; so if it is not valid, it was used.
  if (!code.isValid) await endFamily(provider, code.grantId);
}

async function endRefreshToken(provider: Provider, value: string): Promise<void> {
  const token = await provider.RefreshToken.find(value);
  await endFamily(provider, token?.grantId);
}

async function endFamily(provider: Provider, grantId: string | undefined): Promise<void> {
  if (grantId === undefined) return;
  // Takes everything with it; the rest is for what may have lost its grant before.
  await (await provider.Grant.find(grantId))?.destroy();
  await provider.AuthorizationCode.revokeByGrantId(grantId);
}
