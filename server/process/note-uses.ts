import type { SecretUses } from '../clients/secrets/secret-uses.ts';
import type { Log } from '../log.ts';

export interface NoteUsesDeps {
  secretUses: Pick<SecretUses, 'write'>;
  /** Seconds between two rounds. */
  interval: number;
  log: Log;
}

/**
 * Writes again and again which secrets of clients this process has seen in use. A failure is told and tried again.
 *
 * @returns a function that ends it, after everything is written
 */
export function startNotingUses({ secretUses, interval, log }: NoteUsesDeps): () => Promise<void> {
  const write = (everything: boolean): Promise<void> =>
    secretUses
      .write(everything)
      .catch((error: unknown) => log.warn('when secrets were used last could not be written', { error }));
  let round: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    round = round.then(() => write(false));
  }, interval * 1000).unref();
  return async () => {
    clearInterval(timer);
    await round;
    await write(true);
  };
}
