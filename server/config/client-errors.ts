import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const clientErrors = section('Refused clients', {
  retention: setting({
    env: 'CLIENT_ERROR_RETENTION',
    schema: kind.durationBetween('1h', '90d'),
    default: '7d',
    doc: 'How long it is kept why requests of clients were refused (`client-errors` of the admin API). There is nothing secret in it, and no account.',
  }),
});
