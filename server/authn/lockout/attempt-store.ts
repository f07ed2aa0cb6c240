import type { LoginCandidate } from '../credential-store.ts';
import type { KnownDevice } from './device.ts';

/** Whose secret is presented: of whoever has this login name, or of this account. */
export type AttemptTarget =
  | {
      kind: 'login_name';
      /** Folded. Undefined for one that no account can have. */
      name: string | undefined;
      /** The counter for names that no account has; see unknown-name.ts. */
      unknown: number;
    }
  | { kind: 'account'; accountId: string };

export interface AttemptRequest {
  /** Names this attempt, for `succeed` and `giveBack`. */
  id: string;
  target: AttemptTarget;
  /** Hashes of the tokens that the device presents. */
  devices: readonly Buffer[];
  /** See networkOf. */
  network: string;
  now: Date;
}

/**
 * What an attempt is told before the secret is looked at.
 *
 * `admitted`: it is counted, as the `failures`-th in a row, until it succeeds. `locked`: too many before it; `until` is null
 * for a password that is closed until it is reset. `limited`: too many from that network, or from everywhere together.
 */
export type Verdict =
  | { kind: 'admitted'; failures: number }
  | { kind: 'locked'; until: Date | null }
  | { kind: 'limited'; by: 'network' | 'everywhere'; until: Date };

export interface Admission {
  /** What is counted: the account, the device, or an unknown name. */
  subject: string;
  candidate: LoginCandidate | undefined;
  /** The one that presents itself, if it has signed in to this account before. */
  device: KnownDevice | undefined;
  verdict: Verdict;
}

/** What is known of a device after a sign-in. */
export interface SeenDevice {
  /** Its id, or that of the row that is made for it. */
  id: string;
  tokenHash: Buffer;
  userAgent: string | undefined;
}

export interface LockState {
  /** In a row, by devices that have never signed in to this account. */
  failures: number;
  /** Attempts that were not let through meanwhile. */
  refused: number;
  /** When such a device may try again. */
  openAt: Date;
}

/** Counters of failed sign-ins. */
export interface AttemptStore {
  /**
   * Finds the account, and admits and counts the attempt, in ONE statement that is durable when this returns: of any number at
   * once, on any number of processes, no more are admitted than the rule allows. So it MUST NOT be called in a transaction.
   * The same work is done whether or not there is such an account. A known device has a counter of its own and is never
   * `limited`. An attempt that is locked is counted apart and does not prolong the lock; one that is limited is not counted.
   */
  admit(request: AttemptRequest): Promise<Admission>;
  /**
   * Counts an attempt of no known device against its network, once it has failed. Not before: those who sign in at the same
   * moment from one network are not its failures.
   */
  noteFailure(attempt: { id: string; subject: string; network: string; now: Date }): Promise<void>;
  /**
   * The secret was right: clears what was counted for the subject. With `device`, the device is known from now on, by this
   * token alone. MUST take part in the open transaction.
   */
  succeed(
    attempt: { subject: string; accountId: string; now: Date },
    device: SeenDevice | undefined,
  ): Promise<void>;
  /** The secret was never looked at, since the machine was too busy: the attempt does not count. */
  giveBack(attempt: { id: string; subject: string }): Promise<void>;
  /** What is counted for the devices that never signed in to this account; undefined when nothing is. */
  find(accountId: string): Promise<LockState | undefined>;
  /** Opens the account for all devices, as after a reset of its password. Returns whether anything was counted. */
  clear(accountId: string): Promise<boolean>;
  /** No device has ever signed in to this account. */
  forgetDevices(accountId: string): Promise<void>;
  /** Whether this is a new event, and not one of the last `seconds` that goes on. Exactly one of those who ask at once is told so. */
  raiseAlarm(alarm: { subject: string; id: string; now: Date; seconds: number }): Promise<boolean>;
}
