import { AppError } from '../../../server/errors.ts';
import type { Connector } from './connect.ts';
import { describe, NotInTime, translate, unavailable } from './failures.ts';
import type { Session } from './session.ts';
import type { TimeLimits } from './time-limits.ts';

export interface SessionPoolOptions {
  connector: Connector;
  limits: TimeLimits;
  /** Sessions at once. */
  most: number;
  /** Milliseconds that somebody waits for a session, one that must be opened first included. */
  acquireTimeout: number;
  /** Callers that may wait at once; more are refused at once. */
  queueMax: number;
}

export interface SessionPool {
  /**
   * A session for the caller alone, until it is given back.
   *
   * @throws AppError unavailable
   */
  take(): Promise<Session>;
  give(session: Session): void;
  counts(): { used: number; free: number; waiting: number };
  /** Waits for what is in use, then ends all sessions. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(session: Session): void;
  reject(error: unknown): void;
}

/** Milliseconds between two tries to open a session while there is none. */
const pause = 100;
/** Milliseconds after which a session that nobody needs is ended. */
const idleTime = 30_000;
/** A session is replaced after so long at the latest, so that servers that come back get their share again. */
const sessionLife = { most: 30 * 60_000, spread: 5 * 60_000 };
/** Milliseconds in which a session that is no longer wanted is ended in order. */
const leaveTime = 500;

/**
 * The sessions of a process: who gets one, who waits for one, and who is told at once that there is none. While the database
 * cannot be reached, one caller at a time tries; the others are not kept waiting for the same answer.
 */
export function makeSessionPool(options: SessionPoolOptions): SessionPool {
  const { connector, limits, most, acquireTimeout, queueMax } = options;
  /** The one that was used last comes last, and is taken first. */
  const free: { session: Session; since: number }[] = [];
  const used = new Set<Session>();
  const endOf = new WeakMap<Session, number>();
  const waiting = new Set<Waiting>();
  let opening = 0;
  let closed = false;
  /** Why there is no session and none can be opened, since when. */
  let outage: { error: AppError; at: number } | undefined;
  const leaving = new Set<Promise<void>>();
  let whenIdle = (): void => {};

  function end(session: Session): void {
    const left = session.leave(leaveTime).finally(() => leaving.delete(left));
    leaving.add(left);
  }

  const isFit = (session: Session): boolean =>
    session.reusable && connector.isCurrent(session) && performance.now() < (endOf.get(session) ?? 0);

  function takeFree(): Session | undefined {
    for (let kept = free.pop(); kept !== undefined; kept = free.pop()) {
      if (isFit(kept.session)) {
        used.add(kept.session);
        return kept.session;
      }
      end(kept.session);
    }
    return undefined;
  }

  function handOn(session: Session): void {
    const [next] = waiting;
    if (next === undefined) {
      free.push({ session, since: performance.now() });
      return;
    }
    waiting.delete(next);
    used.add(session);
    next.resolve(session);
  }

  /** As many as somebody waits for, and as there may be. */
  function openMore(): void {
    while (opening < waiting.size && used.size + free.length + opening < most) {
      opening += 1;
      void openOne();
    }
  }

  async function openOne(): Promise<void> {
    try {
      const session = await connector.open();
      opening -= 1;
      outage = undefined;
      endOf.set(session, performance.now() + sessionLife.most - Math.random() * sessionLife.spread);
      if (closed) end(session);
      else handOn(session);
    } catch (error) {
      opening -= 1;
      failed(unavailable(describe(error), error));
    }
    whenIdle();
  }

  /** Nobody waits on who could only be given the one that could not be opened. */
  function failed(error: AppError): void {
    const isOut = used.size + free.length + opening === 0;
    if (isOut) outage = { error, at: performance.now() };
    for (const caller of isOut ? [...waiting] : [...waiting].slice(0, 1)) {
      waiting.delete(caller);
      caller.reject(error);
    }
    if (!isOut) setTimeout(openMore, pause).unref();
  }

  function wait(limit: number | undefined): Promise<Session> {
    return new Promise((resolve, reject) => {
      const caller: Waiting = {
        resolve(session) {
          clearTimeout(timer);
          resolve(session);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      const refuse = (): void => {
        waiting.delete(caller);
        caller.reject(unavailable(`no connection was free within ${limit} ms`));
      };
      const timer = limit === undefined ? undefined : setTimeout(refuse, limit);
      waiting.add(caller);
      openMore();
    });
  }

  async function standInLine(): Promise<Session> {
    if (closed) throw new NotInTime('it is closed');
    if (outage !== undefined && (opening > 0 || performance.now() - outage.at < pause)) throw outage.error;
    if (waiting.size >= queueMax)
      throw unavailable(`${queueMax} callers wait for one of its connections already`);
    return limits.wait(acquireTimeout, wait);
  }

  const reaper = setInterval(() => {
    const now = performance.now();
    for (let [oldest] = free; oldest !== undefined && now - oldest.since >= idleTime; [oldest] = free) {
      free.shift();
      end(oldest.session);
    }
  }, 1000).unref();

  return {
    async take() {
      try {
        return takeFree() ?? (await standInLine());
      } catch (error) {
        const told = translate(error, false);
        throw told instanceof AppError ? limits.note(told) : told;
      }
    },

    give(session) {
      used.delete(session);
      if (!closed && isFit(session)) handOn(session);
      else end(session);
      openMore();
      whenIdle();
    },

    counts: () => ({ used: used.size, free: free.length, waiting: waiting.size }),

    async close() {
      closed = true;
      clearInterval(reaper);
      for (const caller of waiting) caller.reject(new NotInTime('it is closed'));
      waiting.clear();
      for (const { session } of free.splice(0)) end(session);
      await new Promise<void>((resolve) => {
        whenIdle = () => {
          if (used.size + opening === 0) resolve();
        };
        whenIdle();
      });
      await Promise.all(leaving);
    },
  };
}
