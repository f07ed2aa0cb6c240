import type { AdapterPayload } from 'oidc-provider';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type AccountRow, accountAsJson, toAccount } from '../stores/account-row.ts';
import { type ArtifactRow, fromStored, sha256 } from './payload.ts';
import type { ArtifactOptions } from './read.ts';
import type { RequestUnits } from './request-unit.ts';

/** What clients present to be given or told something. The engine asks for each model that a value could be of. */
const presented: readonly string[] = [
  'AuthorizationCode',
  'AccessToken',
  'ClientCredentials',
  'RefreshToken',
];

export const isPresented = (model: string): boolean => presented.includes(model);

interface PresentedRow {
  model: string;
  payload: AdapterPayload;
  grant_id: string | null;
  account_id: string | null;
  client_id: string | null;
  expires_at: number | null;
  consumed_at: Date | null;
  granted_payload: AdapterPayload | null;
  granted_account: string | null;
  granted_client: string | null;
  granted_until: number | null;
  /** Used a moment ago, and what it brought is not used yet. */
  may_be_replayed: boolean;
  owner: AccountRow | null;
}

/**
 * A code or token with its grant and its account, in one statement for all models that it could be of: introspection asks for
 * three of them, and every use of a token asks for its grant and for whose it is next.
 */
export async function findPresented(
  database: Database,
  { sealer, units, replayWindow }: ArtifactOptions,
  model: string,
  id: string,
): Promise<AdapterPayload | undefined> {
  const hash = sha256(id);
  const row = await units.once(`presented:${id}`, async () => {
    const withAccount = units.isOpen();
    const found = await readPresented(database, hash, replayWindow, withAccount);
    if (found !== undefined) rememberWhatItBrings(units, found, withAccount);
    return found;
  });
  // crash point: presented_found
  if (row === undefined || row.model !== model) return undefined;
  const consumedAt = row.may_be_replayed ? null : row.consumed_at;
  return fromStored(model, { ...row, id_hash: hash, consumed_at: consumedAt }, sealer, id);
}

/** The engine asks for these next. */
function rememberWhatItBrings(units: RequestUnits, found: PresentedRow, withAccount: boolean): void {
  const { grant_id: grantId, account_id: accountId, owner } = found;
  if (grantId !== null) units.remember(`Grant:${grantId}`, grantOf(grantId, found));
  if (withAccount && accountId !== null)
    units.remember(`account:${accountId}`, owner === null ? undefined : toAccount(owner));
}

function grantOf(grantId: string, row: PresentedRow): ArtifactRow | undefined {
  if (row.granted_payload === null) return undefined;
  return {
    id_hash: sha256(grantId),
    payload: row.granted_payload,
    grant_id: null,
    account_id: row.granted_account,
    client_id: row.granted_client,
    expires_at: row.granted_until,
    consumed_at: null,
  };
}

async function readPresented(
  database: Database,
  hash: Buffer,
  replayWindow: number,
  withAccount: boolean,
): Promise<PresentedRow | undefined> {
  const values = [replayWindow, presented, hash, presented, hash, withAccount];
  const [row] = await runSql<PresentedRow>(database, presentedStatement, values);
  return row;
}

/**
 * What hangs from the token is looked up by key for this one row, each by itself. Joined as tables, it would be joined as
 * tables of the size that they have when the statement is first planned: nothing on the first day, and that plan stays.
 */
const presentedStatement = `
select found.model, found.payload, found.grant_id, found.account_id, found.client_id,
  extract(epoch from found.expires_at)::float8 as expires_at, found.consumed_at,
  granted.payload as granted_payload, granted.account_id as granted_account, granted.client_id as granted_client,
  extract(epoch from granted.expires_at)::float8 as granted_until,
  found.model = 'RefreshToken' and found.answered and successor.is_unused is not null
    and found.consumed_at > now() - make_interval(secs => ?) as may_be_replayed,
  owner.account as owner
from (
  select model, payload, grant_id, account_id, client_id, expires_at, consumed_at, false as answered,
    null::bytea as successor_hash
  from short_lived_artifact where model = any (?) and id_hash = ?
  union all
  select model, payload, grant_id, account_id, client_id, expires_at, consumed_at,
    replay_answer is not null as answered, successor_hash
  from oidc_artifact where model = any (?) and id_hash = ?
) found
left join lateral (
  select payload, account_id, client_id, expires_at from oidc_artifact
  where model = 'Grant' and id_hash = sha256(convert_to(found.grant_id, 'UTF8'))
    and (expires_at is null or expires_at > now())
  limit 1
) granted on true
left join lateral (
  select true as is_unused from oidc_artifact
  where model = 'RefreshToken' and id_hash = found.successor_hash and consumed_at is null
  limit 1
) successor on true
left join lateral (
  select ${accountAsJson} as account from account where account.id = found.account_id and ? limit 1
) owner on true
where found.expires_at is null or found.expires_at > now()
limit 1`;
