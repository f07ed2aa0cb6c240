/** Where the owner of an account is told what happened to it: at every address that is known to be theirs (LIMITS row 13). */
export type NotificationAddresses = (accountId: string) => Promise<readonly string[]>;

export interface NotificationAddressStore {
  /** The account's own address, and the verified second one if there is one; each once, none for an unknown account. */
  allOf(accountId: string): Promise<string[]>;
  /** The second address, which is verified. */
  find(accountId: string): Promise<string | undefined>;
  /** Keeps it as the one second address of the account, which MUST exist; the one before is gone. */
  save(accountId: string, address: string, now: Date): Promise<void>;
  /** False when there was none. */
  remove(accountId: string): Promise<boolean>;
}
