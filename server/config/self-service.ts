import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const selfService = section('What people may do with their own account', {
  usernameChange: setting({
    env: 'USERNAME_CHANGE',
    schema: kind.boolean,
    default: false,
    doc: 'Whether people may change the user name that they sign in with. The name of before is free for others at once.',
  }),
  deletionGrace: setting({
    env: 'ACCOUNT_DELETION_GRACE',
    schema: kind.durationOrOff('90d'),
    default: '0s',
    doc: 'How long an account whose owner wants it deleted is only closed, and can be taken back by a link in a mail. `0s` deletes at once.',
  }),
});
