import type { default as Provider } from 'oidc-provider';
import { basePathOf } from '../server/http/page-context.ts';
import { describeClient, startAgainAt } from './client-card.ts';
import { interactionUrl } from './urls.ts';

/** The interaction that somebody was about when they left it for their mail. */
export interface WayBack {
  interaction: string;
  clientId: string;
}

export interface OnwardDeps {
  issuer: string;
  engine: () => Provider;
}

/** Where a link leads, and to which app, if it is one. */
export interface Onward {
  href: string;
  client: string | null;
}

/** Back to the interaction, if it is still open; or else to where the app begins; or else to the account page. */
export async function findOnward(
  { issuer, engine }: OnwardDeps,
  wayBack: WayBack | undefined,
): Promise<Onward> {
  const basePath = basePathOf(issuer);
  const account = { href: `${basePath}/account`, client: null };
  if (wayBack === undefined) return account;
  const client = await engine().Client.find(wayBack.clientId);
  if (client === undefined) return account;
  const { name } = describeClient(client);
  const interaction = await engine().Interaction.find(wayBack.interaction);
  if (interaction?.params.client_id === client.clientId && interaction.result === undefined)
    return { href: interactionUrl(basePath, wayBack.interaction, client.clientId), client: name };
  const start = startAgainAt(client, issuer);
  return start === null ? account : { href: start, client: name };
}
