import type { IncomingMessage } from 'node:http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditLog } from '../audit/event.ts';
import { networkOf } from '../authn/lockout/network.ts';
import type { SecretVerdict } from '../clients/secret.ts';
import type { SecretGuesses } from '../clients/secret-guesses.ts';
import type { SecretUses } from '../clients/secrets/secret-uses.ts';
import type { PageMiddleware } from '../http/context.ts';
import { actorOf } from './events.ts';
import { awaitBeforeAnswer } from './unfinished.ts';

export interface SecretGuardDeps {
  guesses: SecretGuesses;
  uses: Pick<SecretUses, 'note'>;
  audit: AuditLog;
}

/** What the secrets of running requests were found to be. */
const verdicts = new WeakMap<IncomingMessage, SecretVerdict>();

/** What the secret of this request was found to be, for whoever tells operators; undefined when none was looked at. */
export const secretVerdictOn = (req: IncomingMessage): SecretVerdict | undefined => verdicts.get(req);

/** Requests whose secret was not looked at, with the seconds to wait. */
const held = new WeakMap<IncomingMessage, number>();

/** Whether the secret of this request was not looked at. */
export const secretWasHeld = (req: IncomingMessage): boolean => held.has(req);

/**
 * Lets a secret be compared, unless too many wrong ones for this client came from that address. One that has expired is no
 * guess: who presents it had the right one once.
 *
 * @param judge what the secret is
 * @returns what the engine is told; false for one that was not compared, too
 */
export function guardSecret(
  { guesses, uses, audit }: SecretGuardDeps,
  clientId: string,
  judge: () => SecretVerdict,
): boolean {
  // The engine's own note of the request that it is answering.
  const ctx: KoaContextWithOIDC | undefined = Provider.ctx;
  if (ctx === undefined) return judge().kind === 'matches';
  const network = networkOf(ctx.ip);
  const wait = guesses.wait(clientId, network);
  if (wait > 0) {
    held.set(ctx.req, Math.ceil(wait));
    return false;
  }
  const verdict = judge();
  verdicts.set(ctx.req, verdict);
  switch (verdict.kind) {
    case 'matches':
      guesses.succeeded(clientId, network);
      uses.note(verdict.secretId);
      return true;
    case 'expired':
      return false;
    case 'unknown':
      if (guesses.failed(clientId, network))
        awaitBeforeAnswer(ctx.req, audit.append({ type: 'client.secret.guessed', clientId }, actorOf(ctx)));
      return false;
    default:
      return verdict satisfies never;
  }
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
