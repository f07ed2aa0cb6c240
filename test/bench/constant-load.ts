import { setTimeout as pause } from 'node:timers/promises';
import {
  type Account,
  type App,
  addAccount,
  registerApp,
  registerService,
  sentBack,
} from '../flows/protocol/app.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';

export interface Load {
  /** Sign-ins so far that have gone to their end. */
  done(): number;
  /** Begins no more, and waits for those that are under way. */
  stop(): Promise<void>;
}

/** People under way at once; a machine that cannot keep up is not given more. */
const mostAtOnce = 100;

/**
 * So many sign-ins a second. Each goes on for a while: the app asks who it is, refreshes three times with some seconds in
 * between and comes back for another code, a service asks for a token, and somebody else only looks at the sign-in page.
 */
export async function live(server: RunningGatehouse, perSecond: number): Promise<Load> {
  const app = await registerApp(server, { skip_consent: true });
  const service = await registerService(server);
  const accounts = await Promise.all(
    Array.from({ length: 50 }, (_, index) => addAccount(server, `person-${index}@example.org`)),
  );
  const underWay = new Set<Promise<void>>();
  let [begun, done, stopped] = [0, 0, false];
  const failures: unknown[] = [];
  const begin = (): void => {
    const who = accounts[begun % accounts.length];
    if (who === undefined || underWay.size >= mostAtOnce) return;
    begun += 1;
    const life: Promise<void> = liveOnce(server, app, service, who)
      .then(() => {
        done += 1;
      })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(life));
    underWay.add(life);
  };
  const going = (async () => {
    while (!stopped) {
      begin();
      await pause(1000 / perSecond);
    }
  })();
  return {
    done: () => done,
    async stop() {
      stopped = true;
      await going;
      await Promise.all(underWay);
      // A few of those who are slow find their things expired; more than that means that it was another load.
      if (failures.length > begun / 10)
        throw new Error(`${failures.length} of ${begun} failed`, { cause: failures[0] });
    },
  };
}

async function liveOnce(server: RunningGatehouse, app: App, service: App, who: Account): Promise<void> {
  const person = makePerson(server.issuer);
  const { body } = await app.signIn(person, who);
  await makePerson(server.issuer).visit(app.begin().url);
  await service.post('token', { grant_type: 'client_credentials' });
  await app.userinfo(String(body.access_token));
  let refresh = String(body.refresh_token);
  for (let turn = 0; turn < 3; turn += 1) {
    await pause(4000);
    const again = await app.refresh(refresh);
    if (again.status !== 200) throw new Error(`a refresh was answered ${again.status}`);
    refresh = String(again.body.refresh_token);
  }
  const attempt = app.begin();
  const callback = await person.visit(attempt.url);
  sentBack(callback);
  await app.redeem(attempt, callback);
}
