import {
  type AcceptInvitationDeps,
  makeAcceptInvitation,
} from '../accounts/invitations/accept-invitation.ts';
import {
  type InviteDeps,
  makeInvite,
  makeRevokeInvitation,
  type RevokeInvitationDeps,
} from '../accounts/invitations/invite.ts';
import { type AskForAccountDeps, makeAskForAccount } from '../accounts/sign-up/ask-for-account.ts';
import { type ConfirmSignUpDeps, makeConfirmSignUp } from '../accounts/sign-up/confirm-sign-up.ts';
import type { SignUpPolicy } from '../accounts/sign-up/policy.ts';
import { makeSendConfirmation, type SendConfirmationDeps } from '../accounts/sign-up/send-confirmation.ts';
import { makeTermsUse } from '../accounts/terms.ts';
import { type ConfirmEmailDeps, makeConfirmEmail } from '../accounts/verify-email/confirm-email.ts';
import {
  makeSendVerification,
  type SendVerificationDeps,
} from '../accounts/verify-email/send-verification.ts';
import type { Config } from '../config/schema.ts';

export type SignUpDeps = Omit<AskForAccountDeps, 'signUpPolicy' | 'serviceWords' | 'presentTerms'> &
  SendConfirmationDeps &
  ConfirmSignUpDeps &
  Omit<InviteDeps & AcceptInvitationDeps, 'signUpPolicy' | 'serviceWords' | 'presentTerms'> &
  RevokeInvitationDeps &
  SendVerificationDeps &
  ConfirmEmailDeps;

/** How people make accounts for themselves. */
export function makeSignUp({ signUp, site, terms }: Config, given: SignUpDeps) {
  const serviceWords = [site.serviceName, new URL(site.issuer).hostname];
  const presentTerms =
    terms.version === undefined || terms.url === undefined
      ? undefined
      : { version: terms.version, url: terms.url, privacyUrl: terms.privacyUrl ?? null };
  const ports = { ...given, serviceWords, presentTerms };
  // Asked for each time: an operator may change it while the server runs.
  const signUpPolicy: SignUpPolicy = {
    get mode() {
      return signUp.mode;
    },
    get domains() {
      return signUp.domains ?? [];
    },
  };
  return {
    terms: makeTermsUse(ports),
    choosesUsername: signUp.username,
    askForAccount: makeAskForAccount({ ...ports, signUpPolicy }),
    sendConfirmation: makeSendConfirmation(ports),
    confirmSignUp: makeConfirmSignUp(ports),
    invite: makeInvite({ ...ports, signUpPolicy }),
    revokeInvitation: makeRevokeInvitation(ports),
    acceptInvitation: makeAcceptInvitation({ ...ports, signUpPolicy }),
    sendVerification: makeSendVerification(ports),
    confirmEmail: makeConfirmEmail(ports),
  };
}

/** What becomes of passwords that operators set; asked for each time, as an operator may change it while the server runs. */
export const makeInitialPasswords = ({ passwords }: Config) => ({
  get areTemporary() {
    return passwords.initial === 'temporary';
  },
  get lifetime() {
    return passwords.initialLifetime;
  },
});
