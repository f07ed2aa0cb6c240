import type { IncomingMessage } from 'node:http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditLog } from '../audit/event.ts';
import { networkOf } from '../authn/lockout/network.ts';
import type { SecretGuesses } from '../clients/secret-guesses.ts';
import type { PageMiddleware } from '../http/context.ts';
import { actorOf } from './events.ts';
import { awaitBeforeAnswer } from './unfinished.ts';

export interface SecretGuardDeps {
  guesses: SecretGuesses;
  audit: AuditLog;
}

/** Requests whose secret was not looked at, with the seconds to wait. */
const held = new WeakMap<IncomingMessage, number>();

/**
 * Lets a secret be compared, unless too many wrong ones for this client came from that address.
 *
 * @param compare whether the secret is right
 * @returns what the engine is told; false for one that was not compared, too
 */
export function guardSecret(
  { guesses, audit }: SecretGuardDeps,
  clientId: string,
  compare: () => boolean,
): boolean {
  // The engine's own note of the request that it is answering.
  const ctx: KoaContextWithOIDC | undefined = Provider.ctx;
  if (ctx === undefined) return compare();
  const network = networkOf(ctx.ip);
  const wait = guesses.wait(clientId, network);
  if (wait > 0) {
    held.set(ctx.req, Math.ceil(wait));
    return false;
  }
  const matches = compare();
  if (matches) guesses.succeeded(clientId, network);
  else if (guesses.failed(clientId, network))
    awaitBeforeAnswer(ctx.req, audit.append({ type: 'client.secret.guessed', clientId }, actorOf(ctx)));
  return matches;
}

/** Around the engine: a client whose secret was not looked at is told so (RFC 6585 4), and not that it was wrong. */
export const secretAnswers: PageMiddleware = async (ctx, next) => {
  await next();
  const seconds = held.get(ctx.req);
  if (seconds === undefined) return;
  ctx.status = 429;
  ctx.set('Retry-After', String(seconds));
  ctx.remove('WWW-Authenticate');
  ctx.body = {
    error: 'invalid_client',
    error_description:
      'too many wrong secrets for this client came from this network address; the secret was not checked, ask again later',
  };
};
