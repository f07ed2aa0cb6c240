import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

/** The database refuses to drop what is younger than two months. */
const monthsOrForEver = kind
  .wholeNumber(0, 1200)
  .refine((months) => months === 0 || months >= 3, 'must be 0, or from 3 to 1200')
  .describe('number, 0 or 3 to 1200');

/** What the audit log keeps, and where it is sent; docs/audit-events.md tells more. */
export const audit = section('Audit log', {
  addresses: setting({
    env: 'AUDIT_ADDRESSES',
    schema: kind.oneOf('full', 'truncated', 'keyed'),
    default: 'full',
    doc: 'What the audit log keeps of network addresses. `full`: the address, so that an attack can be followed up and people recognise their own sign-ins; it is personal data, and goes when its person is deleted and when the log is cut. `truncated`: the network (/24, /48 for IPv6). `keyed`: a code by which events of one address are found together and nothing else, made with the first of `ENCRYPTION_KEYS`. What was written before stays as it is.',
  }),
  retentionMonths: setting({
    env: 'AUDIT_RETENTION_MONTHS',
    schema: monthsOrForEver,
    default: 13,
    doc: 'How many whole months the audit log keeps beside the running one; older ones are dropped, and where they ended is signed. `0` keeps everything. The database itself refuses to drop months younger than two.',
  }),
  syslogUrl: setting({
    env: 'AUDIT_SYSLOG_URL',
    schema: kind.url(['tls', 'tcp', 'udp'], 'syslog URL'),
    doc: 'A syslog server that gets every event (RFC 5424): `tls://host:6514` (RFC 5425), `tcp://host:514` (octet counting, RFC 6587) or `udp://host:514` (RFC 5426). Over TLS and TCP nothing is lost while it is down, and what it has not confirmed comes again; UDP confirms nothing. Without TLS whoever is in between reads the log.',
    example: 'tls://siem.example.org:6514',
  }),
  syslogFacility: setting({
    env: 'AUDIT_SYSLOG_FACILITY',
    schema: kind.oneOf('authpriv', 'audit'),
    default: 'audit',
    doc: 'The facility of its messages: `authpriv` (10) or log `audit` (13).',
  }),
  syslogCaFile: setting({
    env: 'AUDIT_SYSLOG_CA_FILE',
    schema: kind.path,
    doc: 'PEM file with the certificates that the syslog server is trusted by, instead of those of the system.',
    example: '/etc/gatehouse/siem-ca.crt',
  }),
  syslogCertFile: setting({
    env: 'AUDIT_SYSLOG_CERT_FILE',
    schema: kind.path,
    doc: 'PEM file with the certificate by which this server proves itself to the syslog server.',
    example: '/etc/gatehouse/siem-client.crt',
  }),
  syslogKeyFile: setting({
    env: 'AUDIT_SYSLOG_KEY_FILE',
    schema: kind.path,
    doc: 'PEM file with the private key of that certificate.',
    example: '/etc/gatehouse/siem-client.key',
  }),
  webhookUrl: setting({
    env: 'AUDIT_WEBHOOK_URL',
    schema: kind.url(['https', 'http'], 'URL'),
    // Some receivers know by the path alone who may send.
    secret: true,
    doc: 'A URL to which every event is posted, up to 100 at once, signed with `AUDIT_WEBHOOK_SECRET`. `http://` in evaluation mode only. Hosts that are private must be in `FETCH_ALLOW`.',
    example: 'https://siem.example.org/gatehouse?token=PASSWORD',
  }),
  webhookSecret: setting({
    env: 'AUDIT_WEBHOOK_SECRET',
    schema: kind.visible(32, 512, 'text of 32 characters or more'),
    secret: true,
    doc: 'The secret that both sides know, for the signatures (HMAC-SHA-256).',
  }),
});
