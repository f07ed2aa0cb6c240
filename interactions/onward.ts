import type { default as Provider } from 'oidc-provider';
import { basePathOf } from '../server/http/page-context.ts';
import { describeClient, startAgainAt } from './client-card.ts';
import { interactionUrl } from './urls.ts';

/** The client that somebody was on the way to, and the interaction, if there was one, when they left it for their mail. */
export interface WayBack {
  interaction?: string | undefined;
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
  const uid = wayBack.interaction;
  const interaction = uid === undefined ? undefined : await engine().Interaction.find(uid);
  if (
    uid !== undefined &&
    interaction?.params.client_id === client.clientId &&
    interaction.result === undefined
  )
    return { href: interactionUrl(basePath, uid, client.clientId), client: name };
  const start = startAgainAt(client, issuer);
  return start === null ? account : { href: start, client: name };
}
