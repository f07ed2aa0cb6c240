import type { OwnPassword } from '../../authn/password-hasher.ts';
import type { Profile } from '../account.ts';

/** Somebody who wants an account and has not shown yet that the address is theirs. Nobody else is kept from taking it. */
export interface NewSignUp {
  /** Becomes the id of the account. */
  id: string;
  email: string;
  username: string | null;
  profile: Profile;
  password: OwnPassword;
  /** SHA-256 of the secret that the browser holds. */
  browserHash: Buffer;
  /** The interaction that it is a step of. */
  interaction: string;
  clientId: string;
  /** Which terms were accepted with it. */
  termsVersion: string | null;
  createdAt: Date;
  expiresAt: Date;
}

export interface SignUp extends NewSignUp {
  confirmedAt: Date | null;
  /** When another one for the same address was first, or the address had an account. */
  endedAt: Date | null;
}

/** Sign-ups that wait, and for a while what became of them. */
export interface SignUpStore {
  /**
   * Keeps it; in place of the one that waits for the same address in the same browser, if there is one, whose id stays. MUST
   * be one statement. Returns the id.
   */
  save(signUp: NewSignUp): Promise<string>;
  find(id: string): Promise<SignUp | undefined>;
  /** The last one of this browser in this interaction. */
  findOfBrowser(browserHash: Buffer, interaction: string): Promise<SignUp | undefined>;
  /**
   * Marks it as confirmed, ends all others for its address, and gives it as it was; the hashes of all of them are forgotten.
   * MUST be one statement that finds it waiting, so that of many callers exactly one gets it; undone with the open transaction.
   */
  confirm(id: string, now: Date): Promise<SignUp | undefined>;
  /** Ends all that wait for this address, in its compared form. */
  endAll(foldedEmail: string, now: Date): Promise<void>;
}

/** Hours that a sign-up waits, and so does its link (LIMITS row 15). */
export const signUpHours = 24;
