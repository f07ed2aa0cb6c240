import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AuditSink, ShippedEvent } from '../../server/audit/shipping/sink.ts';
import { type SyslogSender, syslogMessage } from './syslog-message.ts';

export interface SyslogOptions extends SyslogSender {
  /** `tls://host:6514` (RFC 5425), `tcp://host:514` (RFC 6587, octet counting) or `udp://host:514` (RFC 5426). */
  url: string;
  /** Certificates (PEM) to trust instead of the system's. */
  ca?: string | undefined;
  /** By which this side proves itself (PEM); RFC 5425 4.2.2. */
  identity?: { cert: string; key: string } | undefined;
}

interface Place {
  host: string;
  port: number;
}

const ports = { 'tls:': 6514, 'tcp:': 514, 'udp:': 514 } as const;
/** Bytes of a message that receivers should take at least: RFC 5425 4.3.1 and RFC 5426 3.2. */
const longest = { stream: 8192, datagram: 2048 } as const;
/** Few enough that a sink which is slow has them in the time that it is given. */
const mostAtOnce = 200;

/**
 * The log as syslog messages.
 *
 * Over TLS and TCP each delivery has its own connection, which is closed on our side after the last message: that the receiver
 * closes its own is the only way in which syslog can tell that it has read everything. Over UDP nothing can be told: what is lost
 * on the way is lost, and so is what a receiver has no room for.
 */
export function makeSyslogSink(options: SyslogOptions): AuditSink {
  const { protocol, hostname, port } = new URL(options.url);
  const scheme = protocol in ports ? (protocol as keyof typeof ports) : 'tls:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const place = { host, port: port === '' ? ports[scheme] : Number(port) };
  const open = scheme === 'tls:' ? () => openTls(place, options) : () => createConnection(place);
  return {
    name: 'syslog',
    address: `${scheme}//${hostname}:${place.port}`,
    most: mostAtOnce,
    send: (events, signal) =>
      scheme === 'udp:'
        ? sendDatagrams(
            place,
            events.map((event) => syslogMessage(event, options, longest.datagram)),
            signal,
          )
        : sendStream(open, framed(events, options), signal),
  };
}

/** RFC 6587 3.4.1 and RFC 5425 4.3: how many octets, a space, the message. */
function framed(events: readonly ShippedEvent[], sender: SyslogSender): Buffer {
  return Buffer.concat(
    events.flatMap((event) => {
      const message = syslogMessage(event, sender, longest.stream);
      return [Buffer.from(`${message.length} `, 'ascii'), message];
    }),
  );
}

function openTls({ host, port }: Place, { ca, identity }: SyslogOptions): Socket {
  return connectTls({
    host,
    port,
    // An address has no place in SNI (RFC 6066 3).
    ...(isIPv6(host) || /^[\d.]+$/.test(host) ? {} : { servername: host }),
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...identity,
  });
}

/** Resolves when the other side has closed after ours was, and not before. */
function sendStream(open: () => Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open();
    let isWritten = false;
    const stop = (): void => {
      socket.destroy(new Error('the receiver took too long'));
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', reject);
    socket.on('end', () => {
      if (isWritten) resolve();
      else socket.destroy(new Error('the receiver hung up before it had everything'));
    });
    socket.on('close', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('the connection was lost'));
    });
    // What a receiver says is of no use; unread, its end would not be noticed.
    socket.resume();
    socket.end(bytes, () => {
      isWritten = true;
    });
  });
}

async function sendDatagrams(
  { host, port }: Place,
  messages: readonly Buffer[],
  signal: AbortSignal,
): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    socket.connect(port, host);
    await once(socket, 'connect', { signal });
    for (const message of messages) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        socket.send(message, (error) => (error === null ? resolve() : reject(error)));
      });
    }
  } finally {
    socket.close();
  }
}
