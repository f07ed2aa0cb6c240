/** Passwords, words and names that anybody would try first (LIMITS row 5). */
export interface CommonPasswords {
  /** How many there are. MUST be 100,000 at least. */
  readonly size: number;
  /** Whether it is one of them. MUST be given in its folded form: NFKC, lower case. May be wrong once in many millions. */
  includes(folded: string): boolean;
}

/** MUST read them at the first call only and keep them; a failure is not kept. */
export type LoadCommonPasswords = () => Promise<CommonPasswords>;
