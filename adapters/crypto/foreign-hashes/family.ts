/** One hash as a family has understood it. */
export interface KnownHash {
  /** The scheme's name in the database. */
  scheme: string;
  /** All that checking needs, in one spelling. */
  hash: string;
  /** Milliseconds that one check of a password of 1,024 bytes takes on a common server, and KiB of memory. */
  work: number;
  memory?: number;
  /** Why somebody who has stolen it would find the password soon; undefined when it is as good as hashes are today. */
  weak?: string | undefined;
}

/** Hashes that are checked by the same algorithm. */
export interface HashFamily {
  /** Names of its schemes. */
  schemes: readonly string[];
  /** Undefined when the text is not of this family. */
  read(text: string): KnownHash | undefined;
  /** Whether `hash`, as `read` gave it, is of this password (its bytes as they were typed). */
  verify(scheme: string, hash: string, password: Buffer): boolean;
}
