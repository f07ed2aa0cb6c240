/** Where the owner of an account is told what happened to it: at every address that is known to be theirs (LIMITS row 13). */
export type NotificationAddresses = (accountId: string) => Promise<readonly string[]>;
