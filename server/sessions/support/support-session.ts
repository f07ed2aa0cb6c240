/** An operator acts in the place of somebody: why, and for how long. */
export interface SupportSession {
  /** 128 bits, hexadecimal. */
  id: string;
  /** `sub` of the operator. */
  operatorId: string;
  /** `sub` of the person in whose place they act. */
  accountId: string;
  /** In the operator's words. */
  reason: string;
  minutes: number;
  askedAt: Date;
  /** The operator must begin before. */
  beginUntil: Date;
  begunAt: Date | null;
  /** Null until it has begun. */
  endsAt: Date | null;
  /** When the operator's browser was signed in as the person. */
  enteredAt: Date | null;
  /** When it was ended before its time. */
  endedAt: Date | null;
}

/** `sessionsEndedAt`: when all sessions of the person had been ended last; if they are ended again, so is this. */
export interface EnteredSupport {
  session: SupportSession;
  sessionsEndedAt: string | null;
}

export interface SupportSessionStore {
  insert(session: SupportSession): Promise<void>;
  find(id: string): Promise<SupportSession | undefined>;
  /** Of this person, the newest first; at most 200. */
  listOf(accountId: string): Promise<SupportSession[]>;
  /** MUST be one statement that finds it neither begun, ended nor too old, and still this operator's: one of many tries begins it. */
  begin(id: string, operatorId: string, now: Date): Promise<SupportSession | undefined>;
  /** MUST be one statement as begin: one browser enters, once, soon after the begin. */
  enter(
    id: string,
    operatorId: string,
    times: { now: Date; begunAfter: Date },
  ): Promise<EnteredSupport | undefined>;
  /** False when it was over already, or is not of this person. */
  end(id: string, accountId: string, now: Date): Promise<boolean>;
  /** Forgets what was asked for before; at most `most`. The audit log keeps what was done. */
  forgetBefore(time: Date, most: number): Promise<number>;
}

/** Minutes in which an operator must begin after having asked. */
export const beginWithin = 10;

/** Seconds in which the browser must have come through to the sign-in after the begin. */
export const enterWithin = 60;

export type SupportState = 'asked' | 'lapsed' | 'running' | 'over' | 'ended';

export function stateOfSupport(session: SupportSession, now: Date): SupportState {
  if (session.endedAt !== null) return 'ended';
  if (session.endsAt !== null) return session.endsAt <= now ? 'over' : 'running';
  return session.beginUntil <= now ? 'lapsed' : 'asked';
}
