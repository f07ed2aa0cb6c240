import { openPlaces } from '../../adapters/geo/places.ts';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeActivityLog } from '../../adapters/postgres/stores/activity-log.ts';
import { makeAllGrants } from '../../adapters/postgres/stores/all-grants.ts';
import { makeAllSessions } from '../../adapters/postgres/stores/all-sessions.ts';
import { makeConnectedApps } from '../../adapters/postgres/stores/connected-apps.ts';
import { makeSessionStore } from '../../adapters/postgres/stores/session-store.ts';
import { kindOf, toldTypes } from '../audit/activity.ts';
import type { AuditLog } from '../audit/event.ts';
import { accountClientId } from '../clients/built-in.ts';
import { nameForPeople } from '../clients/name-for-people.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../errors.ts';
import type { ClientReader } from '../oidc/client-adapter.ts';
import type { LogoutQueue } from '../outbox/logout-queue.ts';
import {
  makeEndAllSessions,
  makeEndOtherSessions,
  makeEndSession,
  makeRevokeAll,
} from '../sessions/end-sessions.ts';
import { makeListActivity } from '../sessions/list-activity.ts';
import { makeListApps } from '../sessions/list-apps.ts';
import { type FindPlace, makeDescribeSession, makeListSessions } from '../sessions/list-sessions.ts';
import { makeTellApps } from '../sessions/tell-apps.ts';
import { makeWithdrawConsent } from '../sessions/withdraw-consent.ts';
import type { InTransaction } from '../transaction.ts';

export interface SessionDeps {
  config: Config;
  database: Database;
  clientReader: ClientReader;
  logouts: LogoutQueue;
  clock: Clock;
  audit: AuditLog;
  inTransaction: InTransaction;
}

/**
 * What people see and end of their sessions and apps, wired.
 *
 * @throws StartError when the database of places cannot be read
 */
export function makeSessions(deps: SessionDeps) {
  const { config, database, clientReader, logouts, clock, audit, inTransaction } = deps;
  const sessions = makeSessionStore(database);
  const connectedApps = makeConnectedApps(database);
  const tellApps = makeTellApps({
    logouts,
    clock,
    sessionAbsolute: config.lifetimes.sessionAbsolute,
    wantsLogouts: async (clientId) => {
      const client = await clientReader.find(clientId);
      return typeof client?.backchannel_logout_uri === 'string';
    },
  });
  const nameOf = async (clientId: string): Promise<string | undefined> => {
    const client = await clientReader.find(clientId);
    return client && nameForPeople(clientId, client.client_name);
  };
  const isOurOwn = (clientId: string): boolean => clientId === accountClientId;
  const ending = { sessions, tellApps, audit, inTransaction };
  const findPlace = findPlaceBy(config);
  const revokeAll = makeRevokeAll(ending);
  return {
    listSessions: makeListSessions({ sessions, findPlace, nameOf }),
    describeSession: makeDescribeSession({ findPlace, nameOf }),
    allSessions: makeAllSessions(database),
    allGrants: makeAllGrants(database, [accountClientId]),
    listActivity: makeListActivity({
      activity: makeActivityLog(database),
      told: { types: toldTypes, kindOf },
      findPlace,
      nameOf,
    }),
    endSession: makeEndSession(ending),
    endOtherSessions: makeEndOtherSessions(ending),
    endAllSessions: makeEndAllSessions(ending),
    revokeAll: (accountId: string) => revokeAll(accountId),
    revokeAllBut: revokeAll,
    listApps: makeListApps({ connectedApps, nameOf, isOurOwn }),
    withdrawConsent: makeWithdrawConsent({ connectedApps, isOurOwn, tellApps, audit, inTransaction }),
    nameOf,
    tellApps,
  };
}

function findPlaceBy({ sessions: { geoDatabaseFile: file } }: Config): FindPlace {
  if (file === undefined) return () => undefined;
  try {
    return openPlaces(file);
  } catch (error) {
    throw new StartError(
      `${file} cannot be read as a database of places: ${error instanceof Error ? error.message : 'unknown'}`,
      'Give GATEHOUSE_GEO_DATABASE_FILE a file in the format of MaxMind (.mmdb), or unset it.',
      78,
      error,
    );
  }
}
