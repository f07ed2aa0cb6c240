import type { ShippedEvent } from '../../server/audit/shipping/sink.ts';

export interface SyslogSender {
  /** 10 (authpriv) or 13 (log audit); RFC 5424 6.2.1. */
  facility: number;
  /** The host of the issuer. */
  host: string;
}

const severities = { warning: 4, notice: 5, informational: 6 } as const;

/** The number for examples (RFC 5612): nobody has registered one for this program. */
const enterprise = 32473;
const longestMessageId = 32;
const longestHost = 255;
/** RFC 5424 6.4: what follows is UTF-8. */
const byteOrderMark = '\uFEFF';

/**
 * An event as one message (RFC 5424). Who and what is in the structured data, everything in the message, which is the event as
 * the API shows it.
 *
 * @param most bytes that it may have; the message is cut where a character ends, and `cut` says so
 */
export function syslogMessage(event: ShippedEvent, { facility, host }: SyslogSender, most: number): Buffer {
  const priority = facility * 8 + severities[event.severity];
  const header = [
    `<${priority}>1`,
    event.at,
    printable(host, longestHost),
    'gatehouse',
    '-',
    printable(event.type, longestMessageId),
  ].join(' ');
  const said = Buffer.from(byteOrderMark + JSON.stringify(event), 'utf8');
  const whole = Buffer.concat([Buffer.from(`${header} ${dataOf(event)} `, 'utf8'), said]);
  if (whole.length <= most) return whole;
  const start = Buffer.from(`${header} ${dataOf(event, true)} `, 'utf8');
  return Buffer.concat([start, cutAt(said, Math.max(0, most - start.length))]);
}

/** RFC 5424 6.3. What is unknown is left out. */
function dataOf(event: ShippedEvent, isCut = false): string {
  const { actor } = event;
  const parameters: [string, string | number | null][] = [
    ['seq', event.sequence],
    ['id', event.id],
    ['type', event.type],
    ['actorKind', actor.kind],
    ['actor', actor.id],
    ['actorClient', actor.client_id],
    ['onBehalfOf', actor.on_behalf_of],
    ['account', event.sub],
    ['client', event.client_id],
    ['session', event.session_id],
    ['ip', event.ip],
    ['request', event.request_id],
    ['cut', isCut ? 'true' : null],
  ];
  const written = parameters.flatMap(([name, value]) =>
    value === null ? [] : [`${name}="${escapeValue(String(value))}"`],
  );
  return `[gatehouse@${enterprise} ${written.join(' ')}][origin software="gatehouse"]`;
}

/** RFC 5424 6.3.3: these three and no others. */
const escapeValue = (value: string): string => value.replaceAll(/["\\\]]/g, '\\$&');

/** PRINTUSASCII of the header's fields; one must not be empty. */
function printable(text: string, most: number): string {
  const visible = text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, most);
  return visible === '' ? '-' : visible;
}

/** Never in the middle of a character: bytes that begin with the bits 10 go on with one. */
function cutAt(text: Buffer, most: number): Buffer {
  let end = Math.min(most, text.length);
  while (end > 0 && end < text.length && ((text[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return text.subarray(0, end);
}
