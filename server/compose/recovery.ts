import { type ChangePasswordDeps, makeChangePassword } from '../authn/change-password.ts';
import { makeAskForReset } from '../authn/reset/ask-for-reset.ts';
import { makeResetPassword, type ResetPasswordDeps } from '../authn/reset/reset-password.ts';
import {
  makeAnswerResetRequest,
  makeDemandNewPassword,
  makeStartReset,
  type SendResetLinkDeps,
} from '../authn/reset/send-reset-link.ts';
import type { TaskQueue } from '../outbox/task-queue.ts';

export type RecoveryDeps = ResetPasswordDeps & ChangePasswordDeps & SendResetLinkDeps & { tasks: TaskQueue };

/** How people and operators set another password. */
export function makeRecovery(deps: RecoveryDeps) {
  return {
    askForReset: makeAskForReset(deps),
    answerResetRequest: makeAnswerResetRequest(deps),
    startReset: makeStartReset(deps),
    demandNewPassword: makeDemandNewPassword(deps),
    changePassword: makeChangePassword(deps),
    resetPassword: makeResetPassword(deps),
  };
}
