import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

/** What the audit log keeps, and where it is sent; docs/audit-events.md tells more. */
export const audit = section('Audit log', {
  addresses: setting({
    env: 'AUDIT_ADDRESSES',
    schema: kind.oneOf('full', 'truncated', 'keyed'),
    default: 'full',
    doc: 'What the audit log keeps of network addresses. `full`: the address, so that an attack can be followed up and people recognise their own sign-ins; it is personal data, and goes when its person is deleted and when the log is cut. `truncated`: the network (/24, /48 for IPv6). `keyed`: a code by which events of one address are found together and nothing else, made with the first of `ENCRYPTION_KEYS`. What was written before stays as it is.',
  }),
});
