/** A password as another system has hashed it: kept as it came, without our keyed step, until its owner signs in. */
export interface ForeignPassword {
  /** In the one spelling that our reader gives each scheme; it has all parameters and the salt. */
  hash: string;
  /** Name of the scheme, such as `bcrypt`; the families of adapters/crypto/foreign-hashes know which there are. */
  scheme: string;
  /** Milliseconds that checking the longest password takes, as reckoned when it was imported. */
  work: number;
}

/** What is thought of a hash from outside. `weak` and `why` are words for the operator and never repeat the hash. */
export type ForeignHashReading =
  | { kind: 'known'; password: ForeignPassword; weak: string | undefined }
  | { kind: 'refused'; why: string };

/** Recognises hashes of other systems by their text; one that would cost too much to check is refused. */
export type ReadForeignHash = (text: string) => ForeignHashReading;
