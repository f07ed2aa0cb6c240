import { makeSyslogSink } from '../../adapters/audit-sinks/syslog.ts';
import { makeWebhookSink } from '../../adapters/audit-sinks/webhook.ts';
import { makeGuardedPost } from '../../adapters/net/guarded-post.ts';
import type { AuditSink } from '../audit/shipping/sink.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { readNamedFile } from './read-named-file.ts';

const facilities = { authpriv: 10, audit: 13 } as const;

/**
 * Those who get the audit log.
 *
 * @throws StartError when a file that a setting names cannot be read
 */
export function makeAuditSinks({ audit, fetch, site }: Config, clock: Clock): AuditSink[] {
  const { syslogUrl, syslogCaFile, syslogCertFile, syslogKeyFile, webhookUrl, webhookSecret } = audit;
  const sinks: AuditSink[] = [];
  if (syslogUrl !== undefined) {
    const identity =
      syslogCertFile === undefined || syslogKeyFile === undefined
        ? undefined
        : {
            cert: readNamedFile('AUDIT_SYSLOG_CERT_FILE', syslogCertFile),
            key: readNamedFile('AUDIT_SYSLOG_KEY_FILE', syslogKeyFile),
          };
    sinks.push(
      makeSyslogSink({
        url: syslogUrl,
        facility: facilities[audit.syslogFacility],
        host: new URL(site.issuer).hostname,
        ca: readNamedFile('AUDIT_SYSLOG_CA_FILE', syslogCaFile),
        identity,
      }),
    );
  }
  if (webhookUrl !== undefined && webhookSecret !== undefined) {
    sinks.push(
      makeWebhookSink({ url: webhookUrl, secret: webhookSecret, clock, post: makeGuardedPost(fetch.allow) }),
    );
  }
  return sinks;
}
