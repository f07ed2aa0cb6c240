import { type Client, errors, type Interaction, type default as Provider } from 'oidc-provider';
import type { RoutedContext } from '../server/http/context.ts';
import type { Render } from '../server/http/render.ts';
import { readSupportMark } from '../server/support-mark.ts';
import { describeClient, startAgainAt } from './client-card.ts';

export interface LoadDeps {
  issuer: string;
  render: Render;
  /** The engine in use; it is replaced when signing keys change. */
  engine: () => Provider;
}

/** An interaction of this browser, and the client that began it. */
export interface OpenInteraction {
  interaction: Interaction;
  client: Client;
}

/**
 * The interaction that the address names, if this browser began it (its cookie says so) and it has neither expired nor
 * ended. Otherwise nothing: the step then shows `showExpired` and does no more.
 */
export async function loadInteraction(
  deps: LoadDeps,
  ctx: RoutedContext,
): Promise<OpenInteraction | undefined> {
  const engine = deps.engine();
  const interaction = await detailsOf(engine, ctx);
  if (interaction === undefined || interaction.uid !== ctx.params.uid) return undefined;
  ctx.state.support = readSupportMark(interaction.session?.amr);
  const client = await findClient(engine, interaction.params.client_id);
  return client === undefined ? undefined : { interaction, client };
}

/** The page that tells that there is nothing to go on with here, and where to begin again. */
export async function showExpired(deps: LoadDeps, ctx: RoutedContext): Promise<void> {
  const engine = deps.engine();
  const elsewhere = await engine.Interaction.find(ctx.params.uid ?? '');
  const client = await findClient(engine, elsewhere?.params.client_id ?? ctx.query.client_id);
  const startAgain = client === undefined ? null : startAgainAt(client, deps.issuer);
  deps.render(
    ctx,
    'expired',
    {
      client: client === undefined || startAgain === null ? null : { ...describeClient(client), logo: null },
      startAgain: startAgain ?? `${deps.issuer}/account`,
    },
    400,
  );
}

async function detailsOf(engine: Provider, ctx: RoutedContext): Promise<Interaction | undefined> {
  try {
    return await engine.interactionDetails(ctx.req, ctx.res);
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

async function findClient(engine: Provider, id: unknown): Promise<Client | undefined> {
  return typeof id === 'string' ? await engine.Client.find(id) : undefined;
}
