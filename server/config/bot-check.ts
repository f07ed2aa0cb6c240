import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const botCheck = section('Forms that programs send', {
  above: setting({
    env: 'BOT_CHECK_ABOVE',
    schema: kind.wholeNumber(0, 1_000_000),
    default: 500,
    doc: 'Sign-ups in ten minutes, of one process, above which a form asks the browser for a little work first; without script, for a little time. `0`: always.',
  }),
  bits: setting({
    env: 'BOT_CHECK_BITS',
    schema: kind.wholeNumber(8, 24),
    default: 16,
    doc: 'How much work: one more bit doubles it. 16 takes a browser about half a second.',
  }),
});
