import { faultInDomain } from '../accounts/login-name-rules.ts';
import { foldDomain, signUpModes } from '../accounts/sign-up/policy.ts';

import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

/** In their compared form. */
const mailDomains = kind.readBy(
  (value) =>
    kind.readList(value, (item) => (faultInDomain(item) === undefined ? foldDomain(item) : undefined)),
  'must be a list of domains, such as example.com, example.org',
  'list of domains',
);

export const signUp = section('Sign-up', {
  mode: setting({
    env: 'SIGN_UP',
    runtime: true,
    schema: kind.oneOf(...signUpModes),
    derived: '`open` in evaluation mode, `closed` in production',
    doc: 'Who may make an account: nobody, whom an operator has invited, everybody with an address of `GATEHOUSE_SIGN_UP_DOMAINS` (or an invitation), everybody. A client may have its own answer (`sign_up`, `sign_up_domains`), unless this is `closed`: then it is closed everywhere.',
    example: 'invitation',
  }),
  domains: setting({
    env: 'SIGN_UP_DOMAINS',
    runtime: true,
    schema: mailDomains,
    doc: 'The domains of `SIGN_UP=domains`, each for itself: `example.com` does not let in `mail.example.com`.',
    example: 'example.com,example.org',
  }),
  username: setting({
    env: 'SIGN_UP_USERNAME',
    schema: kind.boolean,
    default: false,
    doc: 'Whether people may choose a user name beside their address.',
  }),
});
