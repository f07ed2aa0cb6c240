import { inserts, type NewArtifact, type Sql, together } from './row.ts';

/** A stored answer and what it belongs to; see RefreshReplay in server/oidc. */
export interface Replay {
  answer: string;
  fingerprint: Buffer;
}

/** What a token request writes: the use of what was presented, and what it brings. */
export interface TokenWrites {
  kind: 'token';
  consumed: { model: string; idHash: Buffer } | undefined;
  added: NewArtifact[];
}

/** One statement: nothing is added when what was presented has been used or revoked meanwhile; then `won` is false. */
export function commitToken({ consumed, added }: TokenWrites, replay: Replay | undefined): Sql {
  if (consumed === undefined) return named(inserts(added), 'select true as won');
  const use =
    consumed.model === 'RefreshToken' ? useRefreshToken(consumed.idHash, added, replay) : useUp(consumed);
  const isUsed = 'exists (select 1 from used)';
  return named(
    inserts(added, isUsed),
    `select ${isUsed} as won`,
    { name: 'used', ...use },
    { name: 'noted', ...noteConsentUse },
  );
}

function named(statements: readonly Sql[], verdict: string, ...first: (Sql & { name: string })[]): Sql {
  return together(
    [...first, ...statements.map((part, index) => ({ name: `stored_${index}`, ...part }))],
    verdict,
  );
}

/**
 * Of what was agreed, when it was used last: once an hour at most. It never waits: who withdraws the consent has its row and
 * waits for what this statement has.
 */
const noteConsentUse: Sql = {
  text: `update consent set last_used_at = now()
      where account_id = (select account_id from used) and client_id = (
        select due.client_id from consent due
        where due.account_id = (select account_id from used) and due.client_id = (select client_id from used)
          and (due.last_used_at is null or due.last_used_at < now() - interval '1 hour')
        for no key update skip locked
      )`,
  values: [],
};

const unused = 'consumed_at is null and (expires_at is null or expires_at > now())';

function useUp({ model, idHash }: { model: string; idHash: Buffer }): Sql {
  const table = model === 'AuthorizationCode' ? 'short_lived_artifact' : 'oidc_artifact';
  return {
    text: `update ${table} set consumed_at = now() where model = ? and id_hash = ? and ${unused} returning account_id, client_id`,
    values: [model, idHash],
  };
}

function useRefreshToken(idHash: Buffer, added: readonly NewArtifact[], replay: Replay | undefined): Sql {
  const successor = added.find(({ model }) => model === 'RefreshToken')?.idHash ?? null;
  return {
    text: `update oidc_artifact set consumed_at = now(), replay_answer = ?, replay_fingerprint = ?, successor_hash = ?
      where model = 'RefreshToken' and id_hash = ? and ${unused} returning account_id, client_id`,
    values: [replay?.answer ?? null, replay?.fingerprint ?? null, successor, idHash],
  };
}
