import { AppError, StartError, systemCodeOf } from '../../../server/errors.ts';
import { UnfitServer } from './connect.ts';
import type { Database } from './database.ts';
import { describe } from './failures.ts';

/** What to do about it, by the reason that the server or the network gives: a code, or words where there is none. */
const remedies: readonly [RegExp, string][] = [
  [/^28/, 'Check GATEHOUSE_DATABASE_URL: its user and password, and what pg_hba.conf of the server allows.'],
  [/^3D000/, 'Check GATEHOUSE_DATABASE_URL: make that database, owned by its user, or name another one.'],
  [
    /startup parameter/,
    'A pooler such as pgbouncer stands in front of the database: set GATEHOUSE_DATABASE_POOLER=transaction.',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)/,
    'Name the authority that has issued its certificate in GATEHOUSE_DATABASE_CA_FILE.',
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'Give the database a certificate that is valid today.'],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'Check GATEHOUSE_DATABASE_URL: its host must be one of the names in the certificate.',
  ],
  [
    /does not support SSL/,
    'Switch TLS on in the database (ssl = on). Only where the network itself encrypts, let GATEHOUSE_DATABASE_URL end with ?sslmode=disable.',
  ],
];
const otherRemedy = 'Check GATEHOUSE_DATABASE_URL, that the server runs, and that it lets this user in.';

/**
 * Waits for nothing: the database must answer now, or the process does not start.
 *
 * @param shown the database as it may be shown, without user and password
 * @throws StartError with the reason and what to do about it
 */
export async function assertReachable(database: Database, shown: string): Promise<void> {
  try {
    await database.ping();
  } catch (error) {
    const cause = error instanceof AppError ? (error.cause ?? error) : error;
    const why = reasons(cause);
    const unfit = why.find((reason) => reason instanceof UnfitServer);
    throw new StartError(
      `The database ${shown} cannot be ${unfit === undefined ? 'reached' : 'used'}: ${describe(cause)}`,
      unfit?.remedy ?? why.map(remedyFor).find((remedy) => remedy !== undefined) ?? otherRemedy,
      1,
      cause,
    );
  }
}

/** The oldest PostgreSQL whose words the statements of this program keep to. */
const oldestVersion = 14;

/**
 * @param shown as in assertReachable
 * @throws StartError for a server that is too old
 */
export async function assertNewEnough(
  database: Database,
  shown: string,
  oldest: number = oldestVersion,
): Promise<void> {
  const { rows } = await database
    .current()
    .raw<{ rows: { version: string }[] }>(`select current_setting('server_version') as version`);
  const version = rows[0]?.version ?? '';
  if (Number.parseInt(version, 10) >= oldest) return;
  throw new StartError(
    `The database ${shown} is PostgreSQL ${version}; this program needs ${oldest} or later.`,
    'Upgrade the server (pg_upgrade keeps its data), or name another one in GATEHOUSE_DATABASE_URL. Nothing was changed.',
  );
}

/**
 * What an operator should set on the server because a session behind a pooler cannot: the limits of time. On this side they
 * hold all the same, but what was given up here goes on there.
 *
 * @param wanted milliseconds, by the server's names
 * @returns a sentence for each that is not set
 */
export async function adviceFor(
  database: Database,
  wanted: Readonly<Record<string, number>>,
): Promise<string[]> {
  const { rows } = await database
    .current()
    .raw(
      `select name, current_user as role from pg_settings where setting = '0' and name = any(?) order by name`,
      [Object.keys(wanted)],
    );
  return rows.map(
    ({ name, role }: { name: string; role: string }) =>
      `${name} is not set for the user ${role}. As a superuser: alter role "${role}" set ${name} = '${wanted[name]}ms'; then let the pooler connect anew.`,
  );
}

/** Of several hosts, each has a reason of its own. */
function reasons(cause: unknown): unknown[] {
  return cause instanceof AggregateError ? cause.errors : [cause];
}

function remedyFor(reason: unknown): string | undefined {
  const told = `${systemCodeOf(reason)} ${describe(reason)}`;
  return remedies.find(([words]) => words.test(told))?.[1];
}
