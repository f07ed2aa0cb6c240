import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from './database.ts';
import { runSql } from './run-sql.ts';

/** One row of oidc_artifact that is to be added. */
export interface NewArtifact {
  model: string;
  idHash: Buffer;
  payload: string;
  grantId: string | null;
  accountId: string | null;
  clientId: string | null;
  uidHash: Buffer | null;
  userCodeHash: Buffer | null;
  /** Seconds since the epoch. */
  expiresAt: number | null;
}

/** A stored answer and what it belongs to; see RefreshReplay in server/oidc. */
export interface Replay {
  answer: string;
  fingerprint: Buffer;
}

interface Unit {
  /** What this request has read already, by what it asked for. */
  reads: Map<string, Promise<unknown>>;
  /** Writes that wait for `commit`; undefined where writes are done at once. */
  waiting: { consumed: { model: string; idHash: Buffer } | undefined; added: NewArtifact[] } | undefined;
}

/**
 * What belongs to one request of the engine. Reads are done once. In a token request the use of the code or refresh token and
 * the new tokens wait until the answer is known and then are one statement: a kill in between leaves either all of it or
 * nothing, and of two requests with one token the database lets one through.
 */
export function makeRequestUnits(database: Database) {
  const units = new AsyncLocalStorage<Unit>();
  return {
    /** @param options.wait whether writes wait for `commit`; what is not committed is forgotten */
    run<T>(options: { wait: boolean }, work: () => Promise<T>): Promise<T> {
      const waiting = options.wait ? { consumed: undefined, added: [] } : undefined;
      return units.run({ reads: new Map(), waiting }, work);
    },

    /** The answer of `read`, done once in this request. */
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const unit = units.getStore();
      if (unit === undefined) return read();
      const known = unit.reads.get(key) as Promise<T> | undefined;
      if (known !== undefined) return known;
      const fresh = read();
      unit.reads.set(key, fresh);
      return fresh;
    },

    /** Notes what was read on the way. */
    remember(key: string, value: unknown): void {
      units.getStore()?.reads.set(key, Promise.resolve(value));
    },

    /** What was read is no longer so. */
    forget(key: string): void {
      units.getStore()?.reads.delete(key);
    },

    /** Whether the addition waits; if not, the caller must do it. */
    add(artifact: NewArtifact): boolean {
      const waiting = units.getStore()?.waiting;
      waiting?.added.push(artifact);
      return waiting !== undefined;
    },

    /** Whether the use waits; if not, the caller must do it. */
    consume(model: string, idHash: Buffer): boolean {
      const waiting = units.getStore()?.waiting;
      if (waiting === undefined || waiting.consumed !== undefined) return false;
      waiting.consumed = { model, idHash };
      return true;
    },

    /**
     * Does what waits. `lost` says that the token was used by somebody else meanwhile; then nothing was written.
     *
     * @param replay kept with the used token
     */
    async commit(replay: Replay | undefined): Promise<{ kind: 'committed' | 'lost' }> {
      const waiting = units.getStore()?.waiting;
      if (waiting === undefined || (waiting.consumed === undefined && waiting.added.length === 0))
        return { kind: 'committed' };
      const { consumed, added } = waiting;
      waiting.consumed = undefined;
      waiting.added = [];
      const [row] = await runSql<{ won: boolean }>(database, ...statement(consumed, added, replay));
      return { kind: consumed === undefined || row?.won === true ? 'committed' : 'lost' };
    },
  };
}

export type RequestUnits = ReturnType<typeof makeRequestUnits>;

const columns =
  'model, id_hash, payload, grant_id, account_id, client_id, uid_hash, user_code_hash, expires_at';
const row =
  '(?::text, ?::bytea, ?::jsonb, ?::text, ?::text, ?::text, ?::bytea, ?::bytea, to_timestamp(?::float8))';

function statement(
  consumed: { model: string; idHash: Buffer } | undefined,
  added: readonly NewArtifact[],
  replay: Replay | undefined,
): [sql: string, values: unknown[]] {
  const rows = added.map(() => row).join(', ');
  const values = added.flatMap(valuesOf);
  if (consumed === undefined)
    return [`insert into oidc_artifact (${columns}) values ${rows} returning true as won`, values];
  const successor = added.find(({ model }) => model === 'RefreshToken')?.idHash ?? null;
  const use = `update oidc_artifact set consumed_at = now(), replay_answer = ?, replay_fingerprint = ?, successor_hash = ?
    where model = ? and id_hash = ? and consumed_at is null and (expires_at is null or expires_at > now()) returning 1`;
  const store =
    added.length === 0
      ? 'select 1'
      : `insert into oidc_artifact (${columns}) select * from (values ${rows}) as added where exists (select 1 from used) returning 1`;
  return [
    `with used as (${use}), stored as (${store}) select exists (select 1 from used) as won`,
    [
      replay?.answer ?? null,
      replay?.fingerprint ?? null,
      successor,
      consumed.model,
      consumed.idHash,
      ...values,
    ],
  ];
}

export const valuesOf = (added: NewArtifact): unknown[] => [
  added.model,
  added.idHash,
  added.payload,
  added.grantId,
  added.accountId,
  added.clientId,
  added.uidHash,
  added.userCodeHash,
  added.expiresAt,
];
