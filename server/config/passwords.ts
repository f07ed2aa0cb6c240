import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const passwords = section('Passwords that operators set', {
  initial: setting({
    env: 'INITIAL_PASSWORDS',
    runtime: true,
    schema: kind.oneOf('temporary', 'permanent'),
    derived: '`temporary` in production, `permanent` in evaluation mode',
    example: 'temporary',
    doc: 'What becomes of the password that an operator gives a new user, unless the operator says otherwise. `temporary`: it works for a limited time, and only to choose another one. `permanent`: it is as good as one that its owner has chosen, although somebody else knows it.',
  }),
  initialLifetime: setting({
    env: 'TTL_INITIAL_PASSWORD',
    runtime: true,
    schema: kind.durationBetween('1m', '30d'),
    default: '24h',
    doc: 'How long a temporary password works. After that an operator sends its owner a link.',
  }),
});
