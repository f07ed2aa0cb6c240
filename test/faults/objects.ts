import type { Chance } from './chance.ts';
import type { Credentials } from './doors.ts';
import {
  changeUser,
  createClient,
  createUser,
  type OperatorDeps,
  readClient,
  readUser,
  renameClient,
} from './operator-calls.ts';
import { openLink, submitPassword } from './password-calls.ts';
import { askServiceToken, type CallDeps, introspectService } from './people-calls.ts';

interface User {
  user: string;
  sub: string;
  /** The password that was last acknowledged, and the one before it. */
  password: string;
  formerPassword: string | undefined;
  /** Whether a change of its password got no answer: then nobody knows which one it has. */
  unsure: boolean;
  disabled: boolean;
}

export type Objects = ReturnType<typeof makeObjects>;

const mostUsers = 5;
const mostClients = 5;

/** What an operator's program does to users and clients. Every object has one worker that changes it. */
export function makeObjects(deps: CallDeps & OperatorDeps, worker: string, chance: Chance) {
  const users: User[] = [];
  const clients: { credentials: Credentials; token: string | undefined }[] = [];
  let made = 0;
  let named = 0;
  const nextName = (): string => `${worker} name ${named++}`;
  const nextPassword = (): string => `a good password of ${worker} ${named++}`;
  const active = (): User[] => users.filter(({ disabled }) => !disabled);

  /** For what is made new; when the answer did not come, the operator looks whether it is there. */
  async function addUser(): Promise<void> {
    const user = `${worker}-u${made++}@example.org`;
    const password = nextPassword();
    const answer = await createUser(deps, worker, { user, name: nextName(), password });
    const found = answer.outcome === 'unknown' ? await readUser(deps, worker, user) : answer;
    const sub = found.facts?.sub;
    if (sub !== undefined)
      users.push({ user, sub, password, formerPassword: undefined, unsure: false, disabled: false });
  }

  async function addClient(): Promise<void> {
    const clientId = `${worker}-c${made++}`;
    const answer = await createClient(deps, worker, clientId, nextName());
    if (answer.outcome === 'unknown') await readClient(deps, worker, clientId);
    if (answer.secret !== undefined)
      clients.push({ credentials: { clientId, clientSecret: answer.secret }, token: undefined });
  }

  const onUser = (work: (user: User) => Promise<unknown>) => async (): Promise<void> => {
    const user = chance.pick(active());
    if (user !== undefined) await work(user);
  };
  const onClient =
    (work: (client: (typeof clients)[number]) => Promise<unknown>) => async (): Promise<void> => {
      const client = chance.pick(clients);
      if (client !== undefined) await work(client);
    };

  return {
    /** Somebody whose password is known. */
    somebody: () => chance.pick(active().filter(({ unsure }) => !unsure)),
    /** Somebody with a password that was theirs before, if there is one. */
    somebodyOfOld: () =>
      chance.pick(active().filter(({ unsure, formerPassword }) => !unsure && formerPassword !== undefined)),
    addUser: async (): Promise<void> => {
      if (active().length < mostUsers) await addUser();
    },
    renameUser: onUser(({ user, sub }) =>
      changeUser(deps, worker, sub, { type: 'rename-user', user, name: nextName() }),
    ),
    readUser: onUser(({ user }) => readUser(deps, worker, user)),
    setPassword: onUser(async (user) => {
      const password = nextPassword();
      const change = { type: 'set-password', user: user.user, password } as const;
      // Without a link there is nothing to try: the mail may wait for what is broken.
      const page = await openLink(deps, user);
      if (page === undefined) return;
      const { outcome } = await submitPassword(deps, worker, page, change);
      if (outcome === 'unknown') user.unsure = true;
      if (outcome !== 'ok') return;
      Object.assign(user, { formerPassword: user.password, password, unsure: false });
    }),
    /** Never the last two, so that somebody is there to sign in. */
    disableUser: async (): Promise<void> => {
      const [user, , another] = active();
      if (user === undefined || another === undefined) return;
      user.disabled = true;
      await changeUser(deps, worker, user.sub, { type: 'disable-user', user: user.user });
    },
    addClient: async (): Promise<void> => {
      if (clients.length < mostClients) await addClient();
    },
    renameClient: onClient(({ credentials: { clientId } }) =>
      renameClient(deps, worker, clientId, nextName()),
    ),
    readClient: onClient(({ credentials: { clientId } }) => readClient(deps, worker, clientId)),
    serviceToken: onClient(async (client) => {
      const answer = await askServiceToken(deps, worker, client.credentials);
      client.token = answer.facts?.access ?? client.token;
    }),
    introspectService: onClient(async ({ credentials, token }) => {
      if (token !== undefined) await introspectService(deps, worker, credentials, token);
    }),
    /** What must be refused, and so must change nothing. */
    askInVain: async (): Promise<void> => {
      const client = chance.pick(clients)?.credentials.clientId;
      const user = chance.pick(active());
      switch (chance.below(4)) {
        case 0:
          if (client !== undefined) await createClient(deps, worker, client, nextName());
          return;
        case 1:
          if (client !== undefined) await renameClient(deps, worker, client, nextName(), true);
          return;
        case 2: {
          const change = user && ({ type: 'rename-user', user: user.user, name: nextName() } as const);
          if (change !== undefined) await changeUser(deps, worker, user?.sub ?? '', change, true);
          return;
        }
        default:
          await createUser(deps, worker, {
            user: `${worker}-x${made++}@example.org`,
            name: nextName(),
            password: 'short',
          });
      }
    },
    /** Asks about everything that there is, for the last time. */
    async settle(): Promise<void> {
      for (const { user } of users) await readUser(deps, worker, user);
      for (const client of clients) {
        await readClient(deps, worker, client.credentials.clientId);
        if (client.token !== undefined)
          await introspectService(deps, worker, client.credentials, client.token);
      }
    },
  };
}
