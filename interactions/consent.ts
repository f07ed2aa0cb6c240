import type { Grant, Interaction } from 'oidc-provider';
import { z } from 'zod';
import { nameOf } from '../server/accounts/account.ts';
import type { PresentAttributes } from '../server/accounts/attributes/definition.ts';
import type { AccountStore } from '../server/accounts/store.ts';
import type { AuditLog } from '../server/audit/event.ts';
import type { Clock } from '../server/clock.ts';
import type { RoutedContext } from '../server/http/context.ts';
import type { Csrf } from '../server/http/csrf.ts';
import { actorOf, basePathOf } from '../server/http/page-context.ts';
import { allowSource } from '../server/http/security-headers.ts';
import { sessionIdOf } from '../server/session-id.ts';
import type { Agreed, ConsentStore } from '../server/sessions/consent.ts';
import type { InTransaction } from '../server/transaction.ts';
import { describeClient, logoOrigin } from './client-card.ts';
import { describeScopes, type ResourceServers } from './describe-scopes.ts';
import { type FinishDeps, finishConsent, finishRefused } from './finish.ts';
import type { OpenInteraction } from './load.ts';
import { formPurpose, interactionUrl } from './urls.ts';

export interface ConsentDeps extends FinishDeps {
  issuer: string;
  csrf: Csrf;
  clock: Clock;
  accounts: Pick<AccountStore, 'find'>;
  resources: ResourceServers;
  presentAttributes: PresentAttributes;
  consents: Pick<ConsentStore, 'save'>;
  audit: AuditLog;
  inTransaction: InTransaction;
}

const actingWords = 'The person has not allowed this, and somebody who acts for them cannot.';

const consentForm = z.object({ decision: z.enum(['allow', 'deny']) });

/** What the engine found missing in the grant; it wrote these details itself. */
const missingDetails = z.object({
  missingOIDCScope: z.array(z.string()).default([]),
  missingOIDCClaims: z.array(z.string()).default([]),
  missingResourceScopes: z.record(z.string(), z.array(z.string())).default({}),
});

/** Shows what the client asks for: what is new apart from what was agreed before. */
export async function showConsent(
  deps: ConsentDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  const { interaction, client } = open;
  // What an app may do is the person's to say, not that of somebody who acts for them.
  if (ctx.state.support !== undefined) return finishRefused(deps, ctx, actingWords);
  const grant = await findGrant(deps, interaction);
  const account = await deps.accounts.find(accountIdOf(interaction));
  const definitions = await deps.presentAttributes();
  const logo = logoOrigin(client);
  if (logo !== undefined) allowSource(ctx, 'img-src', logo);
  deps.render(ctx, 'consent', {
    form: {
      action: interactionUrl(basePathOf(deps.issuer), interaction.uid, client.clientId, '/consent'),
      csrf: deps.csrf.token(ctx, formPurpose(interaction.uid)),
    },
    client: describeClient(client),
    accountName: account === undefined ? '' : nameOf(account),
    fresh: await describeScopes(askedAnew(interaction), deps.resources, definitions),
    known: await describeScopes(agreedBefore(grant, interaction), deps.resources, definitions),
    destination: destinationOf(interaction),
  });
}

/**
 * Takes the decision. What is granted is what the interaction says was asked for and shown, never what the form says.
 *
 * @throws AppError csrf_rejected.
 */
export async function submitConsent(
  deps: ConsentDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
): Promise<void> {
  if (ctx.state.support !== undefined) return finishRefused(deps, ctx, actingWords);
  const { decision } = await deps.csrf.readForm(ctx, formPurpose(interaction.uid), consentForm);
  const { clientId } = client;
  const accountId = accountIdOf(interaction);
  const { session } = interaction;
  const sessionId = session && sessionIdOf(session.uid);
  const by = { ...actorOf(ctx, accountId), sessionId };
  if (decision === 'deny') {
    return deps.inTransaction(async () => {
      await deps.audit.append({ type: 'consent.refused', accountId, clientId }, by);
      await finishRefused(deps, ctx);
    });
  }
  const agreed = askedAnew(interaction);
  const now = deps.clock.now();
  await deps.inTransaction(async () => {
    await deps.consents.save({ accountId, clientId, agreed, grantedAt: now, updatedAt: now });
    await deps.audit.append({ type: 'consent.granted', accountId, clientId, scopes: scopesIn(agreed) }, by);
    await finishConsent(deps, ctx);
  });
}

function askedAnew(interaction: Interaction): Agreed {
  const missing = missingDetails.parse(interaction.prompt.details);
  return {
    openid: missing.missingOIDCScope,
    claims: missing.missingOIDCClaims,
    resources: missing.missingResourceScopes,
  };
}

/** Of what is asked for now, what this grant holds already. */
function agreedBefore(grant: Grant | undefined, interaction: Interaction): Agreed {
  const { scope, resource } = interaction.params;
  const asked = new Set(typeof scope === 'string' ? scope.split(' ') : []);
  const askedOf = (scopes: string) => scopes.split(' ').filter((name) => asked.has(name));
  const audiences = [resource].flat().filter((audience) => typeof audience === 'string');
  return {
    openid: askedOf(grant?.getOIDCScope() ?? ''),
    claims: [],
    resources: Object.fromEntries(
      audiences.map((audience) => [audience, askedOf(grant?.getResourceScope(audience) ?? '')]),
    ),
  };
}

/** The grant that the session has for this client, if it is this person's. */
async function findGrant({ engine }: ConsentDeps, interaction: Interaction): Promise<Grant | undefined> {
  if (interaction.grantId === undefined) return undefined;
  const grant = await engine().Grant.find(interaction.grantId);
  const fits =
    grant?.accountId === accountIdOf(interaction) && grant.clientId === interaction.params.client_id;
  return fits ? grant : undefined;
}

function scopesIn({ openid, claims, resources }: Agreed): string[] {
  return [
    ...openid,
    ...claims.map((claim) => `claim:${claim}`),
    ...Object.entries(resources).flatMap(([audience, scopes]) =>
      scopes.map((scope) => `${audience} ${scope}`),
    ),
  ];
}

/** The engine asks for consent only of somebody who is signed in. */
function accountIdOf({ session }: Interaction): string {
  if (session === undefined) throw new Error('a consent prompt without a session');
  return session.accountId;
}

/** Where the browser goes afterwards: a host, or the scheme of an app; nowhere for a device. */
function destinationOf({ params }: Interaction): string | null {
  const url = typeof params.redirect_uri === 'string' ? URL.parse(params.redirect_uri) : null;
  if (url === null) return null;
  return url.host === '' ? url.protocol : url.host;
}
