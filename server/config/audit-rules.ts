import { variable } from './catalogue.ts';
import type { Rule } from './rules.ts';

/** What holds for where the audit log is sent. */
export const auditRules: readonly Rule[] = [
  {
    sentence: 'In production `GATEHOUSE_AUDIT_WEBHOOK_URL` begins with `https://`.',
    check: ({ mode, values: { audit } }) =>
      mode === 'production' && audit.webhookUrl?.startsWith('http:')
        ? [
            {
              name: variable('AUDIT_WEBHOOK_URL'),
              message: 'must begin with https:// in production',
              remedy: 'The log names people; give its receiver a certificate.',
            },
          ]
        : [],
  },
];
