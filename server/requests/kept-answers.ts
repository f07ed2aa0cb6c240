export type Claim =
  /** The request is the first of its kind: what it does and its answer are kept together. */
  | { kind: 'ours' }
  /** Another one of its kind has not ended yet. */
  | { kind: 'busy' }
  | { kind: 'answered'; answer: Buffer };

/** Answers that are given once more to who asks the same again, since they may never have arrived. */
export interface KeptAnswers {
  /**
   * To be called in the transaction of the request. MUST let one of several requests with the same `requestHash` have it,
   * however many processes ask, and MUST NOT wait for the others. It ends with the transaction, unless `keep` was called in it.
   */
  claim(requestHash: Buffer, now: Date, until: Date): Promise<Claim>;
  /** Keeps the answer, encrypted: secrets may be in it. */
  keep(requestHash: Buffer, answer: Buffer): Promise<void>;
}
