import { constants } from 'node:os';

/**
 * Milliseconds in which the same wish may arrive twice: npm and service managers pass a signal on to a process that got
 * it from the terminal, or from the group, already.
 */
const echoTime = 200;

export interface Signals {
  /** What the first signal begins. It must come to its end within `seconds`; then the process ends in any case. */
  stopWith(stop: () => Promise<void>, seconds: number): void;
  /** Begins as a signal does, without being one. */
  stop(): void;
}

/**
 * Watches for SIGTERM and SIGINT from now on; as process 1 of a container there would be nobody else to do it. Before
 * `stopWith` a signal ends the process at once; afterwards the first one stops it in order and the second at once.
 *
 * @param onFailure told what `stop` was rejected with
 */
export function watchSignals(onFailure: (error: unknown) => void): Signals {
  let begin: (() => void) | undefined;
  let signalledAt: number | undefined;
  const onSignal = (signal: 'SIGTERM' | 'SIGINT'): void => {
    const now = performance.now();
    if (begin === undefined) process.exit(128 + constants.signals[signal]);
    if (signalledAt !== undefined && now - signalledAt > echoTime) process.exit(1);
    signalledAt ??= now;
    begin();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    stopWith(stop, seconds) {
      let begun = false;
      begin = () => {
        if (begun) return;
        begun = true;
        setTimeout(() => process.exit(1), seconds * 1000).unref();
        stop().then(
          () => process.exit(0),
          (error) => {
            onFailure(error);
            process.exit(1);
          },
        );
      };
    },
    stop: () => begin?.(),
  };
}
