/** A secret that was good, and when. */
export interface SecretUse {
  secretId: string;
  at: Date;
}

/** Keeps in mind which secrets are in use. */
export interface SecretUses {
  /** Costs the request nothing: it is written later. */
  note(secretId: string): void;
  /**
   * Writes what is due: each secret at its first use, and once a minute while it is used. What could not be written stays for
   * the next time.
   *
   * @param everything also what was written less than a minute ago; for the end of the process
   */
  write(everything?: boolean): Promise<void>;
}

export interface SecretUsesDeps {
  /** MUST be one statement for all of them, and MUST not write what another process has written within this minute. */
  noteUses(uses: readonly SecretUse[]): Promise<void>;
  clock: { now(): Date };
}

/** Milliseconds between two writes of one secret. */
const between = 60_000;
/** Secrets of one write. */
const mostAtOnce = 500;

/** The uses of secrets, as this process has seen them. A token request of a service asks no database, and neither does this. */
export function makeSecretUses({ noteUses, clock }: SecretUsesDeps): SecretUses {
  const pending = new Map<string, Date>();
  const written = new Map<string, number>();

  return {
    note(secretId) {
      pending.set(secretId, clock.now());
    },
    async write(everything = false) {
      const now = clock.now().getTime();
      for (const [secretId, at] of written) if (at + between <= now) written.delete(secretId);
      const due = [...pending]
        .filter(([secretId]) => everything || !written.has(secretId))
        .slice(0, mostAtOnce)
        .map(([secretId, at]) => ({ secretId, at }));
      if (due.length === 0) return;
      await noteUses(due);
      for (const { secretId, at } of due) {
        written.set(secretId, now);
        if (pending.get(secretId) === at) pending.delete(secretId);
      }
    },
  };
}
