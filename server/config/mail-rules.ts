import { type EnvName, variable } from './catalogue.ts';
import type { Fault } from './fault.ts';
import type { Rule } from './rules.ts';

const dkim = ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_KEY_FILE'] as const satisfies readonly EnvName[];

/** What holds between the settings of mail. */
export const mailRules: readonly Rule[] = [
  {
    sentence: '`GATEHOUSE_SMTP_URL` needs `GATEHOUSE_MAIL_FROM` in evaluation mode too.',
    check: ({ mode, given }) =>
      mode === 'evaluation' && given('SMTP_URL') && !given('MAIL_FROM')
        ? [
            fault(
              'MAIL_FROM',
              'is missing, although GATEHOUSE_SMTP_URL is set',
              'Give the sender of all mail.',
            ),
          ]
        : [],
  },
  {
    sentence: `${dkim.map((name) => `\`${variable(name)}\``).join(', ')} are set together or not at all.`,
    check: ({ given }) => {
      const missing = dkim.filter((name) => !given(name));
      return missing.length === 0 || missing.length === dkim.length
        ? []
        : missing.map((name) =>
            fault(name, 'is missing, although mail is to be signed', 'Set all three of them, or none.'),
          );
    },
  },
];

function fault(env: EnvName, message: string, remedy: string): Fault {
  return { name: variable(env), message, remedy };
}
