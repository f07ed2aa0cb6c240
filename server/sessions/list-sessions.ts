import { type Device, describeDevice } from './device.ts';
import type { BrowserSession, SessionStore } from './session-store.ts';

/** Where a network address is, as far as the configured database knows; in English. */
export interface Place {
  city: string | null;
  country: string | null;
}

/** MUST NOT ask anybody outside: who is signed in from where concerns nobody else. */
export type FindPlace = (ip: string) => Place | undefined;

/** A client by the name that people see. */
export interface NamedApp {
  clientId: string;
  name: string;
}

/** A session as its person sees it. */
export interface ListedSession extends Omit<BrowserSession, 'clientIds' | 'userAgent'> {
  device: Device;
  /** Null where no database of places is configured, or where it does not know the address. */
  place: Place | null;
  apps: NamedApp[];
}

export interface ListSessionsDeps {
  sessions: Pick<SessionStore, 'list'>;
  findPlace: FindPlace;
  /** The name of a client that is there. */
  nameOf(clientId: string): Promise<string | undefined>;
}

/** A session by what people recognize it by: device, place, names of apps. */
export const makeDescribeSession =
  ({ findPlace, nameOf }: Omit<ListSessionsDeps, 'sessions'>) =>
  async <Session extends BrowserSession>({ clientIds, userAgent, ...session }: Session) => ({
    ...session,
    device: describeDevice(userAgent),
    place: (session.ip === null ? undefined : findPlace(session.ip)) ?? null,
    apps: (await Promise.all(clientIds.map(async (clientId) => ({ clientId, name: await nameOf(clientId) }))))
      .flatMap(({ clientId, name }) => (name === undefined ? [] : [{ clientId, name }]))
      .sort((one, other) => one.name.localeCompare(other.name)),
  });

export type DescribeSession = ReturnType<typeof makeDescribeSession>;

/**
 * The sessions of a person, the one used last first.
 *
 * @param input.current the engine's name of the session that is to be marked as the present one
 */
export const makeListSessions =
  (deps: ListSessionsDeps) =>
  async (input: { accountId: string; current: string | undefined }): Promise<ListedSession[]> => {
    const found = await deps.sessions.list(input.accountId, input.current);
    return Promise.all(found.map(makeDescribeSession(deps)));
  };

export type ListSessions = ReturnType<typeof makeListSessions>;
