/** How often what was noted of refused requests is written: so late, at most, it is found. */
const pause = 500;

/**
 * Writes from time to time what requests have noted, and once more at the end. Runs for itself: no request waits for it, and
 * nothing of a request's own is around it.
 *
 * @returns a function that ends it, once everything is written
 */
export function keepNoting({ refusals }: { refusals: { flush(): Promise<void> } }): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  const next = (): void => {
    round = refusals.flush();
    void round.then(() => {
      if (!stopped) timer = setTimeout(next, pause).unref();
    });
  };
  timer = setTimeout(next, pause).unref();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
    await refusals.flush();
  };
}
