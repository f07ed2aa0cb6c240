import { variable } from './catalogue.ts';
import type { Rule } from './rules.ts';

/** What holds between the settings of sign-up and terms. */
export const signUpRules: readonly Rule[] = [
  {
    sentence: `\`${variable('SIGN_UP')}=domains\` needs \`${variable('SIGN_UP_DOMAINS')}\`.`,
    check: ({ given, values: { signUp } }) =>
      signUp.mode === 'domains' && !given('SIGN_UP_DOMAINS')
        ? [
            {
              name: variable('SIGN_UP_DOMAINS'),
              message: 'is missing: nobody could sign up',
              remedy: `List the domains, for example: ${variable('SIGN_UP_DOMAINS')}=example.com`,
            },
          ]
        : [],
  },
  {
    sentence: `\`${variable('TERMS_VERSION')}\` needs \`${variable('TERMS_URL')}\`.`,
    check: ({ given }) =>
      given('TERMS_VERSION') && !given('TERMS_URL')
        ? [
            {
              name: variable('TERMS_URL'),
              message: 'is missing: nobody could read what they accept',
              remedy: `Give the address, for example: ${variable('TERMS_URL')}=https://example.org/terms`,
            },
          ]
        : [],
  },
];
