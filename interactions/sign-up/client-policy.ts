import type { Client } from 'oidc-provider';
import { type ClientSignUpPolicy, signUpModes } from '../../server/accounts/sign-up/policy.ts';

/** What an operator has said of sign-ups that begin at this client. */
export function signUpPolicyOf(client: Client): ClientSignUpPolicy {
  const { sign_up: mode, sign_up_domains: domains } = client;
  return {
    mode: signUpModes.find((one) => one === mode),
    domains: Array.isArray(domains) ? domains.filter((domain) => typeof domain === 'string') : undefined,
  };
}
