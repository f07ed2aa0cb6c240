import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeEnvelope } from '../../../adapters/crypto/envelope.ts';
import { makeAccountArtifacts } from '../../../adapters/postgres/artifacts/account-artifacts.ts';
import { makeArtifactAdapter } from '../../../adapters/postgres/artifacts/adapter.ts';
import { makeRequestUnits } from '../../../adapters/postgres/artifacts/request-unit.ts';
import { makeTokenStanding } from '../../../adapters/postgres/artifacts/token-standing.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';
import { describeTokenStanding, type TokenStandingUnderTest } from '../../contracts/token-standing.ts';

async function open(where: 'PostgreSQL' | 'embedded database') {
  const stores = await openStores(where);
  const { database } = stores;
  const units = makeRequestUnits(database);
  const under: TokenStandingUnderTest = {
    ...stores,
    units,
    adapterOf: makeArtifactAdapter(database, {
      sealer: makeEnvelope([{ id: 'test', key: randomBytes(32) }]),
      units,
      replayWindow: 0,
    }),
    standing: makeTokenStanding(database),
    ...makeAccountArtifacts(database),
  };
  return { stores, under };
}

describe.each(['PostgreSQL', 'embedded database'] as const)('on %s', (where) => {
  let stores: Stores;
  let under: TokenStandingUnderTest;
  beforeAll(async () => {
    ({ stores, under } = await open(where));
  }, 60_000);
  afterAll(() => stores.close());

  describeTokenStanding(where, () => under);
});

describe('statements about the standing of tokens, with 20,000 of everything', () => {
  let stores: Stores;
  let under: TokenStandingUnderTest;
  beforeAll(async () => {
    ({ stores, under } = await open('PostgreSQL'));
    const db = stores.database.current();
    await db.raw(`insert into oidc_artifact (model, id_hash, payload, account_id, client_id, expires_at)
      select 'Grant', sha256(convert_to('g' || n, 'UTF8')), '{}', 'a' || n, 'c' || n, now() + interval '1 day'
      from generate_series(1, 20000) as n`);
    await db.raw(`insert into oidc_artifact (model, id_hash, payload, grant_id, expires_at)
      select 'RefreshToken', sha256(convert_to('r' || n, 'UTF8')), '{}', 'g' || n, now() + interval '1 day'
      from generate_series(1, 20000) as n`);
    await db.raw(`insert into short_lived_artifact (slot, model, id_hash, payload, grant_id, expires_at)
      select n % 4, 'AccessToken', sha256(convert_to('t' || n, 'UTF8')), '{}', 'g' || n, now() + interval '10 minutes'
      from generate_series(1, 20000) as n`);
    await db.raw(`insert into client (id, metadata, search_name, created_at, updated_at)
      select 'c' || n, '{}', '', now(), now() from generate_series(1, 20000) as n`);
    await db.raw(`insert into account (id, status, created_at, updated_at)
      select 'a' || n, 'active', now(), now() from generate_series(1, 20000) as n`);
    await db.raw(`insert into account_role (account_id, role_name, granted_at)
      select 'a' || n, 'admin', now() from generate_series(1, 20000) as n`);
    await db.raw(`insert into client_role (client_id, role_name, granted_at)
      select 'c' || n, 'admin', now() from generate_series(1, 20000) as n`);
    await db.raw(`insert into revoked_token (jti_hash, expires_at)
      select sha256(convert_to('j' || n, 'UTF8')), now() + interval '10 minutes' from generate_series(1, 20000) as n`);
    await db.raw('analyze');
  }, 60_000);
  afterAll(() => stores.close());

  const ofClient = { kind: 'client', clientId: 'c7', ref: 'x', jti: 'j7', expiresAt: 0 } as const;

  it.each<[what: string, work: () => Promise<unknown>]>([
    ['whether a grant stands', () => under.standing.stands({ kind: 'grant', grantId: 'g7' })],
    ["whether a service's token stands", () => under.standing.stands(ofClient)],
    ['the end of a grant', () => under.standing.end({ kind: 'grant', grantId: 'g8' })],
    ["the end of a service's token", () => under.standing.end(ofClient)],
    ['what may be forgotten', () => under.standing.forgetExpired(500)],
  ])('%s is one statement, by index alone', async (_what, work) => {
    const statements: { sql: string; values: readonly unknown[] }[] = [];
    const { database } = stores;
    const { run } = database;
    database.run = (sql, values) => {
      statements.push({ sql, values });
      return run(sql, values);
    };
    await work().finally(() => {
      database.run = run;
    });
    expect(statements).toHaveLength(1);
    const [{ sql, values } = { sql: '', values: [] }] = statements;
    const rows = await run<Record<string, string>>(`explain ${sql}`, values);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan');
  });
});
