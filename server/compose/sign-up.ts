import { type AskForAccountDeps, makeAskForAccount } from '../accounts/sign-up/ask-for-account.ts';
import { type ConfirmSignUpDeps, makeConfirmSignUp } from '../accounts/sign-up/confirm-sign-up.ts';
import { makeSendConfirmation, type SendConfirmationDeps } from '../accounts/sign-up/send-confirmation.ts';
import { type ConfirmEmailDeps, makeConfirmEmail } from '../accounts/verify-email/confirm-email.ts';
import {
  makeSendVerification,
  type SendVerificationDeps,
} from '../accounts/verify-email/send-verification.ts';
import type { Config } from '../config/schema.ts';

export type SignUpDeps = Omit<AskForAccountDeps, 'signUpPolicy'> &
  SendConfirmationDeps &
  ConfirmSignUpDeps &
  SendVerificationDeps &
  ConfirmEmailDeps;

/** How people make accounts for themselves. */
export function makeSignUp({ signUp }: Config, ports: SignUpDeps) {
  const signUpPolicy = { mode: signUp.mode, domains: signUp.domains ?? [] };
  return {
    choosesUsername: signUp.username,
    askForAccount: makeAskForAccount({ ...ports, signUpPolicy }),
    sendConfirmation: makeSendConfirmation(ports),
    confirmSignUp: makeConfirmSignUp(ports),
    sendVerification: makeSendVerification(ports),
    confirmEmail: makeConfirmEmail(ports),
  };
}
