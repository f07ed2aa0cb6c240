import { type AskForDeletionDeps, makeAskForDeletion } from '../accounts/deletion/ask-for-deletion.ts';
import { type CancelDeletionDeps, makeCancelDeletion } from '../accounts/deletion/cancel-deletion.ts';
import { type EraseDueDeps, makeEraseDue } from '../accounts/deletion/erase-due.ts';
import {
  type AskForEmailChangeDeps,
  makeAskForEmailChange,
} from '../accounts/email-change/ask-for-email-change.ts';
import {
  type ConfirmEmailChangeDeps,
  makeConfirmEmailChange,
} from '../accounts/email-change/confirm-email-change.ts';
import { makeUndoEmailChange, type UndoEmailChangeDeps } from '../accounts/email-change/undo-email-change.ts';
import {
  type AskForNotificationEmailDeps,
  makeAskForNotificationEmail,
} from '../accounts/notification-email/ask-for-notification-email.ts';
import {
  type ChangeNotificationEmailDeps,
  makeChangeNotificationEmail,
} from '../accounts/notification-email/change-notification-email.ts';
import { type ChangePictureDeps, makeChangePicture } from '../accounts/picture/change-picture.ts';
import { type ChangeProfileDeps, makeChangeProfile } from '../accounts/profile/change-profile.ts';
import { type ChangeStandingDeps, makeChangeStanding } from '../accounts/standing/change-standing.ts';

export type SelfServiceDeps = ChangeProfileDeps &
  ChangeStandingDeps &
  ChangePictureDeps &
  AskForDeletionDeps &
  CancelDeletionDeps &
  EraseDueDeps &
  AskForEmailChangeDeps &
  ConfirmEmailChangeDeps &
  UndoEmailChangeDeps &
  AskForNotificationEmailDeps &
  ChangeNotificationEmailDeps;

/** What people do with their own account, and operators with how it stands. */
export function makeSelfService(deps: SelfServiceDeps) {
  return {
    usernameChange: deps.usernameChange,
    deletionGrace: deps.deletionGrace,
    changeStanding: makeChangeStanding(deps),
    changePicture: makeChangePicture(deps),
    askForDeletion: makeAskForDeletion(deps),
    cancelDeletion: makeCancelDeletion(deps),
    eraseDue: makeEraseDue(deps),
    changeProfile: makeChangeProfile(deps),
    askForEmailChange: makeAskForEmailChange(deps),
    confirmEmailChange: makeConfirmEmailChange(deps),
    undoEmailChange: makeUndoEmailChange(deps),
    askForNotificationEmail: makeAskForNotificationEmail(deps),
    changeNotificationEmail: makeChangeNotificationEmail(deps),
  };
}
