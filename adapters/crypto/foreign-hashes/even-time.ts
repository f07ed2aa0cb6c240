import { setTimeout as pause } from 'node:timers/promises';

/** Steps in milliseconds: what takes between two of them ends at the upper one. */
const firstStep = 25;
/** How much longer than reckoned a check may take before it would be seen. */
const margin = 1.5;

export interface EvenTimeDeps {
  /** Milliseconds that the dearest foreign hash takes that some account still has; 0 when there is none. */
  dearest(): Promise<number>;
  /** Milliseconds of a clock that nobody sets: performance.now. */
  now(): number;
  pause?: (milliseconds: number) => Promise<unknown>;
}

/** Milliseconds after which it is asked again what the dearest is. */
const believed = 10 * 60_000;

/**
 * Makes every check that fails last as long as the dearest one would, by waiting and not by working: as long as there are
 * accounts with hashes from elsewhere, they take the same time as all others, known and unknown.
 */
export function makeEvenTime({ dearest, now, pause: wait = pause }: EvenTimeDeps) {
  let asked: { work: Promise<number>; at: number } | undefined;
  /** What a check has really taken, where that was more than reckoned. */
  let seen = 0;

  const ask = (): Promise<number> => {
    // Whoever comes while the question fails must not wait for less than others; the next one asks again.
    const work = dearest().catch(() => {
      asked = undefined;
      return seen;
    });
    asked = { work, at: now() };
    seen = 0;
    return work;
  };

  return {
    /** Something was imported: what is the dearest has to be asked again. */
    forget(): void {
      void ask();
    },

    async even(took: number): Promise<void> {
      const work = await (asked === undefined || asked.at + believed < now() ? ask() : asked.work);
      if (work === 0 && took === 0) return;
      seen = Math.max(seen, Math.min(took, Math.max(work, firstStep) * 4));
      const left = stepAbove(Math.max(work * margin, seen)) - took;
      if (left > 0) await wait(left);
    },
  };
}

export type EvenTime = ReturnType<typeof makeEvenTime>;

/** Coarse, so that what differs from day to day is the same step. */
function stepAbove(milliseconds: number): number {
  let step = firstStep;
  while (step < milliseconds) step *= 2;
  return step;
}
