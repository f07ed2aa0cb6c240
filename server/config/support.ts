import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const support = section('Operators who act for people', {
  limit: setting({
    env: 'SUPPORT_SESSION_LIMIT',
    schema: kind.durationOrOff('8h'),
    default: '1h',
    doc: 'How long an operator with the permission `users:impersonate` may act in the place of somebody at most: announced to the person, marked in every token, recorded under both names. `0s`: nobody may.',
  }),
});
