import { setTimeout as pause } from 'node:timers/promises';
import { makeChance } from './chance.ts';
import { classify } from './doors.ts';
import { makeObjects } from './objects.ts';
import type { OperatorDeps } from './operator-calls.ts';
import type { AppRegistration, CallDeps } from './people-calls.ts';
import { makeSignIns } from './sign-ins.ts';

export interface Driver {
  /** Lets the workers end what they are at; no new call is begun. */
  stop(): Promise<void>;
  /** After `stop`, when the fault is over: every worker asks about everything that it knows of. */
  settle(): Promise<void>;
}

export interface DriverOptions {
  workers: number;
  seed: number;
  /** What a worker's people sign in to: one app for each. */
  apps: readonly AppRegistration[];
}

/** Milliseconds between a call that got no answer and the next one. */
const breath = 100;

/** Starts workers that make calls, one after another each, until they are told to stop. */
export function startDriver(
  deps: Omit<CallDeps, 'pause'> & OperatorDeps,
  { workers, seed, apps }: DriverOptions,
): Driver {
  let stopped = false;
  const all = Array.from({ length: workers }, (_, index) => {
    const app = apps[index];
    if (app === undefined) throw new Error('each worker needs an app');
    return makeWorker(deps, `w${index}`, app, seed + index);
  });
  const run = async ({ step }: Worker): Promise<void> => {
    while (!stopped) {
      const before = deps.history.counts().unknown;
      await step();
      if (deps.history.counts().unknown > before) await pause(breath);
    }
  };
  const running = Promise.all(all.map(run));
  // Met by `stop`; a mistake of the test must not end the process before that.
  running.catch(() => {});
  return {
    async stop() {
      stopped = true;
      await running;
    },
    async settle() {
      await Promise.all(all.map(({ settle }) => settle()));
    },
  };
}

interface Worker {
  step(): Promise<void>;
  settle(): Promise<void>;
}

function makeWorker(
  deps: Omit<CallDeps, 'pause'> & OperatorDeps,
  name: string,
  app: AppRegistration,
  seed: number,
): Worker {
  const chance = makeChance(seed);
  const objects = makeObjects(deps, name, chance);
  const signIns = makeSignIns({ ...deps, pause: () => pause(breath) }, name, app, chance);

  const signIn = async (): Promise<void> => {
    const person = objects.somebody();
    if (person === undefined) return objects.addUser();
    if (signIns.hasRoom()) await signIns.signIn(person);
  };
  const signInAsBefore = async (): Promise<void> => {
    const person = objects.somebodyOfOld();
    if (person?.formerPassword !== undefined)
      await signIns.signInWrongly({ user: person.user, password: person.formerPassword });
  };
  /** How often each is done, beside the others. */
  const work: readonly [weight: number, step: () => Promise<unknown>][] = [
    [8, signIn],
    [1, signInAsBefore],
    [10, signIns.refresh],
    [2, signIns.refreshTwice],
    [10, signIns.userinfo],
    [8, signIns.introspect],
    [3, signIns.useTheDead],
    [2, signIns.revoke],
    [1, signIns.signOut],
    [1, signIns.replayCode],
    [1, signIns.replayRefresh],
    // What ends tokens, while others use them.
    [2, () => atOnce(signIns.revoke, signIns.refresh, signIns.refresh, signIns.userinfo)],
    [1, () => atOnce(objects.disableUser, signIns.refresh, signIns.refresh, signIns.refresh)],
    [2, objects.addUser],
    [5, objects.renameUser],
    [2, objects.readUser],
    [1, objects.setPassword],
    [1, objects.disableUser],
    [2, objects.addClient],
    [4, objects.renameClient],
    [2, objects.readClient],
    [3, objects.serviceToken],
    [2, objects.introspectService],
    [2, objects.askInVain],
    [1, () => readKeys(deps, name)],
  ];
  const bag = work.flatMap(([weight, step]) => Array<() => Promise<unknown>>(weight).fill(step));
  return {
    step: async () => void (await chance.pick(bag)?.()),
    async settle() {
      await objects.settle();
      await signIns.settle();
      await readKeys(deps, name);
    },
  };
}

const atOnce = (...steps: (() => Promise<unknown>)[]): Promise<unknown> =>
  Promise.all(steps.map((step) => step()));

/** The keys as the server publishes them now. */
async function readKeys({ doors, history }: Pick<CallDeps, 'doors' | 'history'>, worker: string) {
  await history.record(worker, { type: 'jwks' }, async () => {
    const answer = await doors.send('/oauth2/jwks');
    const completion = classify(answer);
    if (completion.outcome !== 'ok') return completion;
    const kids: string[] = JSON.parse(answer.text).keys.map(({ kid }: { kid: string }) => kid);
    return { ...completion, facts: { kids } };
  });
}
