import type { default as Provider } from 'oidc-provider';
import { awaitBeforeAnswer, type EngineError } from './events.ts';

/** How the engine says that a code was presented by another client than its own, or for another redirect URI. */
const misuse: readonly unknown[] = ['client mismatch', 'authorization code redirect_uri mismatch'];

/**
 * A code in the wrong hands has leaked: the right ones may be second. The engine refuses it and leaves it alive; here it
 * ends, and if it was used before, so does everything that was issued from it (RFC 6749 4.1.2, RFC 9700 4.5).
 */
export function burnMisusedCodes(provider: Provider): void {
  provider.on('grant.error', (ctx, error: EngineError) => {
    const { grant_type: grantType, code } = ctx.oidc.params ?? {};
    if (grantType !== 'authorization_code' || typeof code !== 'string') return;
    if (misuse.includes(error.error_detail)) awaitBeforeAnswer(ctx.req, burn(provider, code));
  });
}

async function burn(provider: Provider, value: string): Promise<void> {
  const code = await provider.AuthorizationCode.find(value);
  if (code === undefined) return;
  await code.destroy();
  // It is not expired, or it had not been found; so if it is not valid, it was used.
  if (code.isValid || code.grantId === undefined) return;
  await provider.AuthorizationCode.revokeByGrantId(code.grantId);
  await (await provider.Grant.find(code.grantId))?.destroy();
}
