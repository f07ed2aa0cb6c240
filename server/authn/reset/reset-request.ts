import type { Actor } from '../../audit/event.ts';

/** The sign-in that somebody was about when the password was missing: after the reset it goes on there. */
export interface WayBack {
  interaction: string;
  clientId: string;
}

/** Somebody, anybody, has asked for a link to reset the password of whoever has this login name. */
export interface ResetRequest {
  /** Folded; empty for one that no account can have. */
  name: string;
  wayBack?: WayBack | undefined;
  by: Actor;
}

/** Minutes that a link works which somebody has asked for (LIMITS row 17). */
export const resetLinkMinutes = 30;
/** Hours that a link works which an operator has sent: its reader was not waiting for it (LIMITS row 15). */
export const operatorLinkHours = 24;
