import { variable } from './catalogue.ts';
import type { Rule } from './rules.ts';

/** What holds between the settings of sign-up. */
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
];
