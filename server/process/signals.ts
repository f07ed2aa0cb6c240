/**
 * Runs `stop` at the first SIGTERM or SIGINT and exits with its code; a second signal ends the process at once.
 *
 * @param stop resolves with the exit code when everything is closed
 */
export function stopOnSignals(stop: () => Promise<number>): void {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      (code) => process.exit(code),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
