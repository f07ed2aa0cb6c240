import { changedFields } from '../../audit/change.ts';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { InTransaction } from '../../transaction.ts';
import type { ClientSecret } from '../client.ts';
import { needsSecret, newSecret } from '../new-secret.ts';
import { isAlive } from '../secret.ts';
import type { ClientSecretStore } from './secret-store.ts';

export interface ManageSecretsDeps {
  clientSecrets: Pick<ClientSecretStore, 'hold' | 'insert' | 'update' | 'delete'>;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  ids: Ids;
}

/**
 * Live secrets of one client: a rotation takes two, one of which several teams or places do at the same time takes a few more;
 * beyond that somebody forgets to delete, and each is one more that can be stolen.
 */
export const mostLiveSecrets = 5;
/** Expired ones that stay known, so that an operator can be told that a program still uses one. */
const mostExpired = 10;

/** `no_secrets`: the client proves itself in another way. */
type NotHere = { kind: 'missing' | 'built_in' | 'no_secrets' };

export interface CreateSecretInput {
  clientId: string;
  description: string | null;
  expiresAt: Date | null;
  /** Seconds from now after which all other secrets are over; left out, they stay as they are. */
  expireOthersIn?: number | undefined;
  by: Actor;
}

export type CreateSecretOutcome =
  /** `plain` is shown now and never again. */
  { kind: 'created'; secret: ClientSecret; plain: string } | NotHere | { kind: 'too_many' };

/** Makes one more secret of 256 bits; the others go on, for as long as the caller says. */
export const makeCreateSecret =
  (deps: ManageSecretsDeps) =>
  (input: CreateSecretInput): Promise<CreateSecretOutcome> => {
    const plain = deps.ids.secret();
    return deps.inTransaction(async () => {
      const held = await hold(deps, input.clientId);
      if ('kind' in held) return held;
      const now = deps.clock.now();
      const { clientId, description, expiresAt, expireOthersIn, by } = input;
      const end = expireOthersIn === undefined ? undefined : new Date(now.getTime() + expireOthersIn * 1000);
      const others = held.secrets
        .filter((secret) => isAlive(secret, now))
        .map((before) => ({ before, after: endedBy(before, end) }));
      const stay = others.filter(({ after }) => isAlive(after, now));
      if (stay.length >= mostLiveSecrets) return { kind: 'too_many' };
      const secret = newSecret(deps, clientId, plain, { description, expiresAt });
      await deps.clientSecrets.insert(secret);
      await deps.audit.append(
        { type: 'client.secret.created', clientId, secretId: secret.id, change: { after: audited(secret) } },
        by,
      );
      for (const { before, after } of others) if (after !== before) await change(deps, before, after, by);
      await forgetOld(deps, clientId, held.secrets, now);
      return { kind: 'created', secret, plain };
    });
  };

export type CreateSecret = ReturnType<typeof makeCreateSecret>;

export type ChangeSecretOutcome =
  | { kind: 'changed'; secret: ClientSecret }
  | NotHere
  | { kind: 'secret_missing' | 'expired' };

/** Changes until when a live secret is good, and what it is called. One that has expired stays so. */
export const makeChangeSecret =
  (deps: ManageSecretsDeps) =>
  (input: {
    clientId: string;
    secretId: string;
    /** What is left out stays. */
    expiresAt?: Date | null | undefined;
    description?: string | null | undefined;
    by: Actor;
  }): Promise<ChangeSecretOutcome> =>
    deps.inTransaction(async () => {
      const held = await hold(deps, input.clientId);
      if ('kind' in held) return held;
      const before = held.secrets.find(({ id }) => id === input.secretId);
      if (before === undefined) return { kind: 'secret_missing' };
      if (!isAlive(before, deps.clock.now())) return { kind: 'expired' };
      const { expiresAt = before.expiresAt, description = before.description } = input;
      const after = { ...before, expiresAt, description };
      if (JSON.stringify(after) !== JSON.stringify(before)) await change(deps, before, after, input.by);
      return { kind: 'changed', secret: after };
    });

export type ChangeSecret = ReturnType<typeof makeChangeSecret>;

export type DeleteSecretOutcome = { kind: 'deleted' } | NotHere | { kind: 'secret_missing' | 'last' };

/** Ends a secret for good. The last live one stays: without it the client could not prove itself at all. */
export const makeDeleteSecret =
  (deps: ManageSecretsDeps) =>
  ({ clientId, secretId, by }: { clientId: string; secretId: string; by: Actor }) =>
    deps.inTransaction(async (): Promise<DeleteSecretOutcome> => {
      const held = await hold(deps, clientId);
      if ('kind' in held) return held;
      const secret = held.secrets.find(({ id }) => id === secretId);
      if (secret === undefined) return { kind: 'secret_missing' };
      const now = deps.clock.now();
      const others = held.secrets.filter((other) => other !== secret && isAlive(other, now));
      if (isAlive(secret, now) && others.length === 0) return { kind: 'last' };
      await deps.clientSecrets.delete(clientId, [secretId]);
      await deps.audit.append(
        { type: 'client.secret.deleted', clientId, secretId, change: { before: audited(secret) } },
        by,
      );
      return { kind: 'deleted' };
    });

export type DeleteSecret = ReturnType<typeof makeDeleteSecret>;

async function hold(
  { clientSecrets }: ManageSecretsDeps,
  clientId: string,
): Promise<{ secrets: ClientSecret[] } | NotHere> {
  const held = await clientSecrets.hold(clientId);
  if (held === undefined) return { kind: 'missing' };
  if (held.client.builtIn) return { kind: 'built_in' };
  if (!needsSecret(held.client.metadata)) return { kind: 'no_secrets' };
  return { secrets: held.secrets };
}

/** One that ends earlier by itself stays as it is. */
function endedBy(secret: ClientSecret, end: Date | undefined): ClientSecret {
  const isEarlier = end === undefined || (secret.expiresAt !== null && secret.expiresAt <= end);
  return isEarlier ? secret : { ...secret, expiresAt: end };
}

async function change(
  { clientSecrets, audit }: ManageSecretsDeps,
  before: ClientSecret,
  after: ClientSecret,
  by: Actor,
): Promise<void> {
  const { id: secretId, clientId } = after;
  await clientSecrets.update(after);
  const fields = changedFields(audited(before), audited(after));
  await audit.append({ type: 'client.secret.changed', clientId, secretId, change: fields }, by);
}

/** Nobody can use them any more, and each of them is told about in the audit log. */
async function forgetOld(
  { clientSecrets }: ManageSecretsDeps,
  clientId: string,
  secrets: readonly ClientSecret[],
  now: Date,
): Promise<void> {
  const over = secrets
    .filter((secret) => !isAlive(secret, now))
    .toSorted((a, b) => Number(b.expiresAt) - Number(a.expiresAt))
    .slice(mostExpired);
  if (over.length > 0)
    await clientSecrets.delete(
      clientId,
      over.map(({ id }) => id),
    );
}

const audited = ({ description, expiresAt }: ClientSecret) => ({
  description,
  expires_at: expiresAt === null ? null : expiresAt.toISOString(),
});
