import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const selfService = section('What people may do with their own account', {
  usernameChange: setting({
    env: 'USERNAME_CHANGE',
    schema: kind.boolean,
    default: false,
    doc: 'Whether people may change the user name that they sign in with. The name of before is free for others at once.',
  }),
});
