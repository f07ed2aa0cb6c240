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
import { type ChangeProfileDeps, makeChangeProfile } from '../accounts/profile/change-profile.ts';

export type SelfServiceDeps = ChangeProfileDeps &
  AskForEmailChangeDeps &
  ConfirmEmailChangeDeps &
  UndoEmailChangeDeps &
  AskForNotificationEmailDeps &
  ChangeNotificationEmailDeps;

/** What people do with their own account. */
export function makeSelfService(deps: SelfServiceDeps) {
  return {
    usernameChange: deps.usernameChange,
    changeProfile: makeChangeProfile(deps),
    askForEmailChange: makeAskForEmailChange(deps),
    confirmEmailChange: makeConfirmEmailChange(deps),
    undoEmailChange: makeUndoEmailChange(deps),
    askForNotificationEmail: makeAskForNotificationEmail(deps),
    changeNotificationEmail: makeChangeNotificationEmail(deps),
  };
}
