import { type PlanNode, partsOf } from './plan.ts';

/**
 * By which column a database of many machines would spread each table that grows with people or traffic, and by which other
 * ones it finds a single row through a unique index of its own. docs/scale.md says what that means on which engine.
 */
const spread: Readonly<Record<string, { key: string; unique: readonly string[] }>> = {
  oidc_artifact: { key: 'id_hash', unique: ['uid_hash', 'user_code_hash'] },
  short_lived_artifact: { key: 'id_hash', unique: [] },
  used_identifier: { key: 'id_hash', unique: [] },
  revoked_token: { key: 'jti_hash', unique: [] },
  account: { key: 'id', unique: [] },
  account_role: { key: 'account_id', unique: [] },
  password_credential: { key: 'account_id', unique: [] },
  consent: { key: 'account_id', unique: [] },
  login_name: { key: 'name', unique: [] },
  session_detail: { key: 'uid_hash', unique: [] },
  known_device: { key: 'account_id', unique: [] },
  sign_in_counter: { key: 'subject', unique: [] },
};

/**
 * Which machines a look at a table concerns: that of the key which the statement names; that of a key which is known once
 * another row was found; those of a unique index and of the row that it leads to; or all.
 */
export type Reach = 'named' | 'found' | 'unique' | 'all';

const isValue = (column: string, condition: string): boolean =>
  new RegExp(`\\b${column} = (?:ANY \\()?\\(?\\$\\d`).test(condition);

function reachOf(node: PlanNode, { key, unique }: { key: string; unique: readonly string[] }): Reach {
  const condition = [node['Index Cond'], node['Recheck Cond'], node.Filter].join(' ');
  if (isValue(key, condition)) return 'named';
  if (new RegExp(`\\b${key} = `).test(condition)) return 'found';
  return unique.some((column) => isValue(column, condition)) ? 'unique' : 'all';
}

/** Looks of a generic plan at tables that are spread, further than at what is named: `table reach`, each once. */
export function farLooks(plan: PlanNode): string[] {
  const looks = [...partsOf(plan)].flatMap(({ node }) => {
    const table = node['Relation Name']?.replace(/_\d$/, '') ?? '';
    const how = spread[table];
    if (how === undefined || !node['Node Type'].endsWith('Scan')) return [];
    const reach = reachOf(node, how);
    return reach === 'named' ? [] : [`${table} ${reach}`];
  });
  return [...new Set(looks)].toSorted();
}

interface FarStatement {
  name: string;
  /** By which the statement is known. */
  part: string;
  /** As farLooks tells them. */
  looks: readonly string[];
  reason: string;
}

/** Statements of tokens and sign-ins that look further, to a known number of machines. */
const bounded: readonly FarStatement[] = [
  {
    name: 'a token with its grant and its account',
    part: ') granted on true',
    looks: ['account found', 'account_role found', 'oidc_artifact found'],
    reason:
      'the grant, the successor and the account are other rows: one look by key each, and only if the token is there',
  },
  {
    name: 'whether a token stands that nobody stores',
    part: 'from oidc_artifact standing_grant',
    looks: ['account_role found'],
    reason: 'the roles of whom its grant names: one look by key',
  },
  {
    name: 'the answer of a refresh, asked again',
    part: 'select used.replay_answer',
    looks: ['oidc_artifact found'],
    reason: 'the successor: one look by key',
  },
  {
    name: 'an account with its roles',
    part: 'array(\n      select role_name from account_role',
    looks: ['account found', 'account_role found', 'login_name named'],
    reason: 'roles lie with their account; by login name the account is one look by key more',
  },
  {
    name: 'a candidate for a sign-in',
    part: 'with asked as materialized',
    looks: ['account found', 'known_device found', 'password_credential found'],
    reason: 'a name leads to an account, whose credential and devices lie with it',
  },
  {
    name: 'a session by its uid',
    part: 't.uid_hash = ',
    looks: ['oidc_artifact unique'],
    reason: 'the cookie may have been renewed by another tab, the uid stays',
  },
  {
    name: 'a session that is kept',
    part: "where a.model = 'Session' and a.uid_hash = ",
    looks: ['oidc_artifact unique'],
    reason: 'as above: it must be kept whatever its cookie is by now',
  },
  {
    name: 'a session that is ended',
    part: "model = 'Session' and uid_hash = any",
    looks: ['oidc_artifact unique'],
    reason: 'as above: it must end whatever its cookie is by now',
  },
  {
    name: 'when a consent was used last',
    part: 'update consent set last_used_at',
    looks: ['consent found'],
    reason: 'it lies with its account, which the used token names: one look by key',
  },
  {
    name: 'a device by the code that its person typed',
    part: 't.user_code_hash = ',
    looks: ['oidc_artifact unique'],
    reason: 'the person has nothing else',
  },
];

const endings = [
  'oidc_artifact all',
  'session_detail all',
  'session_detail found',
  'short_lived_artifact all',
];

/** Statements that may ask all machines: rare, or nobody waits for them. */
const everywhere: readonly FarStatement[] = [
  ...["profile #- array['attributes', ", 'delete from user_attribute where name'].map((part) => ({
    name: `values of an attribute that is deleted: ${part}`,
    part,
    looks: ['account all'],
    reason:
      'the janitor, after an operator has deleted an attribute: whoever has a value of it loses it; rare',
  })),
  {
    name: 'everything of a grant, an account or a client',
    part: 'with short as (delete from short_lived_artifact where ',
    looks: endings,
    reason: 'revocation, second uses, signing out everywhere: rare, and must reach what nobody has named',
  },
  { name: 'a grant that is revoked', part: 'with granted as', looks: endings, reason: 'as above' },
  {
    name: 'a client that is deleted',
    part: 'with gone as',
    looks: endings,
    reason: 'as above, by an operator',
  },
  ...[
    "s.payload->>'loginTs'",
    "as since, payload->'openid'",
    "select payload->'authorizations' as clients",
    "array['authorizations', ",
    'delete from oidc_artifact where account_id',
    'delete from oidc_artifact s where',
  ].map((part) => ({
    name: `sessions and apps of an account: ${part}`,
    part,
    looks: [...endings, 'oidc_artifact found', 'oidc_artifact unique'],
    reason: 'they lie by their own hashes: what a person looks at and ends, and an operator; rare',
  })),
  ...[
    'as began',
    'as pair (account_id, client_id)',
    ') pair order by',
    'group by account_id order by account_id',
  ].map((part) => ({
    name: `sessions and grants of everybody: ${part}`,
    part,
    looks: [
      'consent all',
      'consent found',
      'oidc_artifact all',
      'oidc_artifact found',
      'session_detail all',
      'session_detail found',
    ],
    reason: 'an operator looks around',
  })),
  {
    name: 'how an account stands',
    part: 'select disabled_at, disabled_reason',
    looks: ['known_device found', 'password_credential found'],
    reason: 'they lie with their account, which the statement names',
  },
  {
    name: 'an account that is changed',
    part: 'with present as (\n  select id from account',
    looks: ['account_role found', 'login_name all', 'login_name found'],
    reason: 'its names lie by name: by operators and the person, rare',
  },
  ...[
    'order by "created_at" asc, "id" asc limit',
    'order by "created_at" desc, "id" desc limit',
    'from "account" order by "account"."id"',
    'from "account" inner join "login_name"',
    'from "account" inner join "account_role"',
  ].map((part) => ({
    name: `lists and searches of accounts: ${part}`,
    part,
    looks: ['account all', 'account found', 'account_role all', 'account_role found', 'login_name all'],
    reason: 'an operator looks for somebody',
  })),
  {
    name: 'consents to a resource server that is deleted',
    part: "jsonb_build_object($1::text, '[]'::jsonb)",
    looks: ['consent all', 'consent found'],
    reason: 'whoever agreed to something about it: by an operator, rare, a thousand at once',
  },
  {
    name: 'a password that is set',
    part: 'with opened as',
    looks: ['sign_in_counter all'],
    reason: 'what was counted for the account and each of its devices: rare',
  },
  {
    name: 'a password that is set by whoever has proven the old one',
    part: 'with proven as (\n',
    looks: ['sign_in_counter all'],
    reason: 'as above',
  },
  {
    name: 'user names that have no skeleton yet',
    part: 'where skeleton_pending',
    looks: ['login_name all'],
    reason: 'once, when a process starts, by an index that is empty otherwise',
  },
  ...[
    'as asked (role_name) cross join lateral',
    '(select count(*) from account_role where role_name',
    'with taken as (',
  ].map((part) => ({
    name: `who has a role: ${part}`,
    part,
    looks: ['account all', 'account_role all'],
    reason: 'roles lie with their accounts: an operator looks for their holders, or takes one from all; rare',
  })),
  {
    name: 'whether there is an administrator',
    part: 'from "account_role" inner join "account"',
    looks: ['account all', 'account found', 'account_role all', 'account_role found'],
    reason: 'once, when a process starts',
  },
  {
    name: 'the dearest hash from elsewhere',
    part: 'select max(work) as work from password_credential',
    looks: ['password_credential all'],
    reason: 'when a process starts and after an import',
  },
  ...[
    'replay_answer = null',
    'order by expires_at limit',
    'not exists (select 1 from short_lived_artifact_',
    'order by last_at limit',
    'order by last_seen_at limit',
  ].map((part) => ({
    name: `the janitor: ${part}`,
    part,
    looks: [
      'account_role all',
      'account_role found',
      'known_device all',
      'oidc_artifact all',
      'oidc_artifact found',
      'revoked_token all',
      'session_detail all',
      'short_lived_artifact all',
      'sign_in_counter all',
      'sign_in_counter found',
      'used_identifier all',
    ],
    reason: 'one process for all, in small batches, and nobody waits for it',
  })),
];

export const farStatements: readonly FarStatement[] = [...bounded, ...everywhere];
