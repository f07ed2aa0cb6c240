import { AppError, StartError, systemCodeOf } from '../../server/errors.ts';
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

/** Of several hosts, each has a reason of its own. */
function reasons(cause: unknown): unknown[] {
  return cause instanceof AggregateError ? cause.errors : [cause];
}

function remedyFor(reason: unknown): string | undefined {
  const told = `${systemCodeOf(reason)} ${describe(reason)}`;
  return remedies.find(([words]) => words.test(told))?.[1];
}
