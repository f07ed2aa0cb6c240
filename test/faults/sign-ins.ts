import type { Chance } from './chance.ts';
import type { Completion } from './history.ts';
import {
  type AppRegistration,
  askUserinfo,
  authorize,
  type CallDeps,
  exchangeCode,
  introspect,
  refreshTokens,
  revoke,
  signOut,
  type Way,
} from './people-calls.ts';

/** Everything that came of one sign-in. */
interface Family {
  way: Way;
  code: string;
  access: string;
  refresh: string;
  /** Refresh tokens before the present one, oldest first. */
  spent: string[];
  state: 'alive' | 'over';
}

export interface Person {
  user: string;
  /** The password that the worker believes in. */
  password: string;
}

export type SignIns = ReturnType<typeof makeSignIns>;

/** Times that a client asks again when it got no answer. */
const tries = 12;
/** Milliseconds after which asking again would be a mistake: the code has run out, and so has the window of a refresh. */
const worthwhile = 45_000;
/** Sign-ins that a worker looks after at once. */
const most = 8;

/** What an app and its people do, as honest ones do it and, now and then, as others would. */
export function makeSignIns(
  deps: CallDeps & { pause(): Promise<void> },
  worker: string,
  app: AppRegistration,
  chance: Chance,
) {
  const families: Family[] = [];
  let made = 0;
  const alive = (): Family[] => families.filter(({ state }) => state === 'alive');
  const named = ({ way: { family } }: Family, token: string) => ({ family, token });

  /** The same once more while the answer does not come, as an honest client does it. */
  async function insist(attempt: () => Promise<Completion>): Promise<Completion> {
    const until = performance.now() + worthwhile;
    let completion = await attempt();
    for (let n = 1; completion.outcome === 'unknown' && n < tries && performance.now() < until; n += 1) {
      await deps.pause();
      completion = await attempt();
    }
    return completion;
  }

  const keep = (family: Family): void => {
    families.push(family);
    while (families.length > 3 * most) families.shift();
  };

  async function signIn({ user, password }: Person): Promise<Completion | undefined> {
    const family = `${worker}-f${made++}`;
    const { way, code } = await authorize(deps, worker, app, { family, user, password });
    if (code === undefined) return undefined;
    const answer = await insist(() => exchangeCode(deps, worker, app, way, code));
    const { access, refresh } = answer.facts ?? {};
    if (access !== undefined && refresh !== undefined)
      keep({ way, code, access, refresh, spent: [], state: 'alive' });
    return answer;
  }

  async function refreshOne(family: Family): Promise<void> {
    const answer = await insist(() => refreshTokens(deps, worker, app, named(family, family.refresh)));
    const { access, refresh } = answer.facts ?? {};
    if (answer.outcome !== 'ok' || access === undefined || refresh === undefined) {
      family.state = 'over';
      return;
    }
    family.spent.push(family.refresh);
    Object.assign(family, { access, refresh });
  }

  const use = async (family: Family): Promise<void> => {
    await askUserinfo(deps, worker, named(family, family.access));
  };

  const look = async (family: Family): Promise<void> => {
    const token = chance.pick([family.access, family.refresh]) ?? family.access;
    await introspect(deps, worker, app, named(family, token));
  };

  const onOne =
    (work: (family: Family) => Promise<unknown>, among: () => Family[] = alive) =>
    async (): Promise<void> => {
      const family = chance.pick(among());
      if (family !== undefined) await work(family);
    };

  /** Does `end` until it has an answer; the family is over then, and also when there is none. */
  const end = (ending: (family: Family) => Promise<Completion>) =>
    onOne(async (family) => {
      family.state = 'over';
      await insist(() => ending(family));
    });

  return {
    /** Whether there is room for another one. */
    hasRoom: () => alive().length < most,
    signIn,
    /** The same, with a password that is not the right one (any more). */
    signInWrongly: async (person: Person): Promise<void> => {
      await authorize(deps, worker, app, { family: `${worker}-f${made++}`, ...person });
    },
    refresh: onOne(refreshOne),
    /** Two tabs wake up at once: both must get the same. */
    refreshTwice: onOne(async (family) => {
      const twin = refreshTokens(deps, worker, app, named(family, family.refresh));
      await Promise.all([refreshOne(family), twin]);
    }),
    userinfo: onOne(use),
    introspect: onOne(look),
    /** What is over must stay over. */
    useTheDead: onOne(
      async (family) => {
        await use(family);
        await look(family);
        await refreshTokens(deps, worker, app, named(family, family.refresh));
      },
      () => families.filter(({ state }) => state === 'over'),
    ),
    revoke: end((family) => revoke(deps, worker, app, named(family, family.refresh))),
    signOut: end((family) => signOut(deps, worker, family.way)),
    /** Somebody presents a code that was redeemed before. */
    replayCode: onOne(async (family) => {
      family.state = 'over';
      await exchangeCode(deps, worker, app, family.way, family.code);
    }),
    /** Somebody presents a refresh token whose successor has been used. */
    replayRefresh: onOne(
      async (family) => {
        family.state = 'over';
        await refreshTokens(deps, worker, app, named(family, family.spent.at(-2) ?? ''));
      },
      () => alive().filter(({ spent }) => spent.length > 1),
    ),
    /** Asks about everything that there is, for the last time. */
    async settle(): Promise<void> {
      for (const family of families) {
        await insist(() => askUserinfo(deps, worker, named(family, family.access)));
        await insist(() => introspect(deps, worker, app, named(family, family.refresh)));
      }
      for (const family of alive()) {
        await refreshOne(family);
        if (family.state === 'alive') await use(family);
      }
    },
  };
}
