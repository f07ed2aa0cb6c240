/** Seconds for which a sign-in counts as recent (LIMITS row 28). */
export const recentSignIn = 300;

/**
 * Whether somebody has signed in so lately that sensitive things may be changed without asking again (ATTACKS C11).
 *
 * @param signedInAt seconds since 1970; undefined where nobody knows, which is never recent
 */
export function isRecentSignIn(signedInAt: number | undefined, now: Date): boolean {
  return signedInAt !== undefined && now.getTime() / 1000 - signedInAt <= recentSignIn;
}
