export interface RepeatDeps {
  /** One round. It may look whether it should come to an end early. */
  work(isStopped: () => boolean): Promise<void>;
  /** Milliseconds between the end of a round and the next one. */
  pause: number;
  /** A round that failed is told of; the next one comes all the same. */
  onFailure(error: unknown): void;
}

/**
 * Does work again and again, never twice at once, first after a pause. It keeps no process alive.
 *
 * @returns a function that ends it, after the round that is running
 */
export function repeat({ work, pause, onFailure }: RepeatDeps): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  const next = (): void => {
    round = work(() => stopped).catch(onFailure);
    void round.then(() => {
      if (!stopped) timer = setTimeout(next, pause).unref();
    });
  };
  timer = setTimeout(next, pause).unref();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}
