import type { SignUpRequest } from '../accounts/sign-up/send-confirmation.ts';
import type { ResetRequest } from '../authn/reset/reset-request.ts';

/** What is done later by whichever process gets to it, with what it needs to know. Not mail: mail has a queue of its own. */
export interface TaskKinds {
  /** Somebody has asked for a link to reset a password: looks whose it is, and owes the mail. */
  password_reset_request: ResetRequest;
  /** Somebody has signed up: looks whether the address has an account, and owes the mail. */
  sign_up_request: SignUpRequest;
}

export type TaskKind = keyof TaskKinds;

/** One thing to be done. */
export type OwedTask = {
  [Kind in TaskKind]: {
    kind: Kind;
    payload: TaskKinds[Kind];
    /** Whom it concerns, where that is known. */
    accountId?: string | undefined;
    /** When it is of no use any more. */
    expiresAt?: Date | undefined;
  };
}[TaskKind];

/** Takes things that are to be done. */
export interface TaskQueue {
  /** MUST be part of the transaction that is open, if one is. */
  enqueueTask(task: OwedTask): Promise<void>;
}

/**
 * Does the tasks of one kind. `finish` marks this one as done: called in the transaction that does it, it is done exactly once;
 * one that is not called before the end is marked then.
 */
export type DoTask<Kind extends TaskKind> = (
  payload: TaskKinds[Kind],
  finish: () => Promise<void>,
) => Promise<void>;

export type Tasks = { readonly [Kind in TaskKind]: DoTask<Kind> };
