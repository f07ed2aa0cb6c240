import { interactionPolicy } from 'oidc-provider';

/** What a client may ask for in `prompt` (OIDC Core 3.1.2.1; Initiating User Registration 1.0, 4.1). */
export const promptValues = ['none', 'login', 'consent', 'create'] as const;

/**
 * What the engine asks a person for: the engine's own prompts `login` and `consent`, except that clients which an operator
 * trusts (`skip_consent`, never set by dynamic registration) are not asked about, not even when they send prompt=consent
 * or are native; their operator answers for their identity (RFC 8252 §8.6). Before them comes `create`, when a client asks for
 * it: that somebody signs up first (OIDC Initiating User Registration 1.0).
 */
export function makeInteractionPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  for (const check of policy.get('consent')?.checks ?? []) {
    const applies = check.check;
    check.check = (ctx) => ctx.oidc.client?.skip_consent !== true && applies(ctx);
  }
  // Somebody may be signed in who signed in for a client that does not mind.
  policy.get('login')?.checks.add(
    new interactionPolicy.Check('email_unverified', 'the e-mail address is not confirmed', (ctx) => {
      const { client, account } = ctx.oidc;
      return (
        client?.require_verified_email === true && account !== undefined && account.emailVerified !== true
      );
    }),
  );
  policy.add(new interactionPolicy.Prompt({ name: 'create', requestable: true }), 0);
  return policy;
}
