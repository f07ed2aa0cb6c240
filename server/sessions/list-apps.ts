import type { ConnectedApp, ConnectedApps } from './connected-apps.ts';

/** An app with the name that people see. */
export interface ListedApp extends ConnectedApp {
  name: string;
}

export interface ListAppsDeps {
  connectedApps: Pick<ConnectedApps, 'list'>;
  /** The name of a client that is there. */
  nameOf(clientId: string): Promise<string | undefined>;
  /** Clients that are pages of this server itself. */
  isOurOwn(clientId: string): boolean;
}

/** The apps that may do something for a person, by their names. Pages of this server are none. */
export const makeListApps =
  ({ connectedApps, nameOf, isOurOwn }: ListAppsDeps) =>
  async (accountId: string): Promise<ListedApp[]> => {
    const found = (await connectedApps.list(accountId)).filter(({ clientId }) => !isOurOwn(clientId));
    const named = await Promise.all(found.map(async (app) => ({ ...app, name: await nameOf(app.clientId) })));
    return named
      .flatMap(({ name, ...app }) => (name === undefined ? [] : [{ ...app, name }]))
      .sort((one, other) => one.name.localeCompare(other.name) || (one.clientId < other.clientId ? -1 : 1));
  };

export type ListApps = ReturnType<typeof makeListApps>;
