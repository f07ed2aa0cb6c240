/** How guessing the secret of a client is slowed down. */
export interface SecretGuessRule {
  /** Wrong secrets in a row, for one client from one network address, after which that address has to wait. */
  softAfter: number;
  /** Seconds of the wait after so many. */
  delayAfter(failures: number): number;
  /** Seconds after which a wrong secret is forgotten. */
  window: number;
  /** Pairs of client and address that are kept in mind. */
  most: number;
}

/** Wrong secrets, by client and network address, as this process has seen them. */
export interface SecretGuesses {
  /** Seconds that nobody may present a secret of this client from there; 0 when they may. */
  wait(clientId: string, network: string): number;
  /** Says whether this one begins a wait for that address. */
  failed(clientId: string, network: string): boolean;
  succeeded(clientId: string, network: string): void;
}

interface Pair {
  failures: number;
  at: number;
  openAt: number;
}

/**
 * Counts in memory: a token request of a service asks no database, and a secret of ours has 256 random bits, so that no number
 * of processes makes guessing worth while. A network address from which the client has proven itself never has to wait, so
 * a stranger locks nobody out but those at their own address.
 *
 * @param now seconds, on a clock that only goes on
 */
export function makeSecretGuesses(rule: SecretGuessRule, now: () => number): SecretGuesses {
  const pairs = makeMemory<Pair>(rule.most);
  const proven = makeMemory<true>(rule.most);

  const find = (key: string): Pair | undefined => {
    const pair = pairs.get(key);
    return pair !== undefined && pair.at + rule.window > now() ? pair : undefined;
  };

  return {
    wait(clientId, network) {
      const key = keyOf(clientId, network);
      return proven.get(key) === true ? 0 : Math.max(0, (find(key)?.openAt ?? 0) - now());
    },
    failed(clientId, network) {
      const key = keyOf(clientId, network);
      const failures = (find(key)?.failures ?? 0) + 1;
      pairs.set(key, { failures, at: now(), openAt: now() + rule.delayAfter(failures) });
      return failures === rule.softAfter && proven.get(key) === undefined;
    },
    succeeded(clientId, network) {
      const key = keyOf(clientId, network);
      pairs.delete(key);
      proven.set(key, true);
    },
  };
}

const keyOf = (clientId: string, network: string): string => `${network} ${clientId}`;

/** Keeps the `most` that were written last. */
function makeMemory<Value>(most: number) {
  const kept = new Map<string, Value>();
  return {
    get: (key: string): Value | undefined => kept.get(key),
    delete: (key: string): boolean => kept.delete(key),
    set(key: string, value: Value): void {
      kept.delete(key);
      kept.set(key, value);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}
