import { interactionPolicy } from 'oidc-provider';

/**
 * What the engine asks a person for: the engine's own prompts `login` and `consent`, except that clients which an operator
 * trusts (`skip_consent`, never set by dynamic registration) are not asked about, not even when they send prompt=consent
 * or are native; their operator answers for their identity (RFC 8252 §8.6).
 */
export function makeInteractionPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  for (const check of policy.get('consent')?.checks ?? []) {
    const applies = check.check;
    check.check = (ctx) => ctx.oidc.client?.skip_consent !== true && applies(ctx);
  }
  return policy;
}
