import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeSyslogSink } from '../../../adapters/audit-sinks/syslog.ts';
import { syslogMessage } from '../../../adapters/audit-sinks/syslog-message.ts';
import { makeAuthority } from '../../support/certificates.ts';
import { freePort } from '../../support/free-port.ts';
import {
  type ReceiverOptions,
  type SyslogReceiver,
  startSyslogDatagrams,
  startSyslogReceiver,
} from '../../support/syslog-receiver.ts';
import { waitFor } from '../../support/wait-for.ts';
import { anEvent, inTime } from './events.ts';

const open: SyslogReceiver[] = [];
const receive = async (options?: ReceiverOptions) => {
  const receiver = await startSyslogReceiver(options);
  open.push(receiver);
  return receiver;
};
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});

const sender = { facility: 13, host: 'id.example' };
const sinkTo = (url: string, more: object = {}) => makeSyslogSink({ url, ...sender, ...more });

describe('a syslog message (RFC 5424)', () => {
  it.each([
    ['warning', 13, 108],
    ['notice', 13, 109],
    ['informational', 10, 86],
  ] as const)('of severity %s and facility %d has the priority %d', (severity, facility, priority) => {
    const message = syslogMessage(anEvent({ severity }), { ...sender, facility }, 8192);
    expect(message.toString()).toMatch(new RegExp(`^<${priority}>1 `));
  });

  it('is, byte for byte, header, structured data, byte order mark and the event', () => {
    const event = anEvent({ details: {} });
    expect(syslogMessage(event, sender, 8192).toString('utf8')).toBe(
      '<109>1 2026-11-24T22:56:59.123Z id.example gatehouse - client.updated ' +
        '[gatehouse@32473 seq="5" id="7" type="client.updated" actorKind="client" actor="console" actorClient="console" ' +
        'client="shop" ip="192.0.2.7" request="r1"][origin software="gatehouse"] ' +
        `\uFEFF${JSON.stringify(event)}`,
    );
  });

  it('that is too long is cut between two characters, and says so', () => {
    const event = anEvent({ details: { text: '🛍'.repeat(2000) } });
    for (let most = 2048; most < 2053; most += 1) {
      const bytes = syslogMessage(event, sender, most);
      expect(bytes.length).toBeLessThanOrEqual(most);
      expect(bytes.length).toBeGreaterThan(most - 4);
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toThrow();
      expect(bytes.toString()).toContain(' cut="true"]');
    }
  });
});

describe('syslog over TCP (RFC 6587)', () => {
  it('brings every event in order, with what is in its fields as it was', async () => {
    const receiver = await receive();
    const id = 'a "quoted" \\ and ] bracketed id with 商';
    const events = Array.from({ length: 200 }, (_, index) =>
      anEvent({ sequence: index + 1, request_id: id }),
    );
    await sinkTo(receiver.url).send(events, inTime());
    expect(receiver.messages.map(({ data }) => data['gatehouse@32473']?.seq)).toEqual(
      events.map(({ sequence }) => String(sequence)),
    );
    expect(receiver.connections()).toBe(1);
    const [first] = receiver.messages;
    expect(first).toMatchObject({ version: '1', hasMark: true, app: 'gatehouse' });
    expect(first?.data['gatehouse@32473']?.request).toBe(id);
    expect(JSON.parse(first?.text ?? '')).toEqual(events[0]);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['hangs up at once', (socket) => void socket.resetAndDestroy()],
    ['hangs up before it has read everything', (socket) => void socket.once('data', () => socket.end())],
    ['never confirms that it has read everything', (socket) => void socket.pause()],
  ])('does not take for delivered what a receiver gets that %s', async (_how, misbehave) => {
    const receiver = await receive({
      misbehave: (socket) => {
        misbehave(socket);
        return true;
      },
    });
    const details = { text: 'x'.repeat(7000) };
    const events = Array.from({ length: 2000 }, () => anEvent({ details }));
    await expect(sinkTo(receiver.url).send(events, AbortSignal.timeout(500))).rejects.toThrow(
      /hung up|too long|lost|ECONNRESET|EPIPE/,
    );
  });

  it('tells when nobody listens', async () => {
    const sink = sinkTo(`tcp://127.0.0.1:${await freePort()}`);
    await expect(sink.send([anEvent()], inTime())).rejects.toThrow('ECONNREFUSED');
  });
});

describe('syslog over TLS (RFC 5425)', () => {
  it('goes to a receiver whose certificate fits, and proves itself to it', async () => {
    const authority = await makeAuthority();
    const receiver = await receive({ tls: authority.issue(['127.0.0.1']), clientCa: authority.ca });
    const client = authority.issueToClient('gatehouse');
    const identity = { cert: readFileSync(client.cert, 'utf8'), key: readFileSync(client.key, 'utf8') };
    const ca = readFileSync(authority.ca, 'utf8');
    await sinkTo(receiver.url, { ca, identity }).send([anEvent()], inTime());
    expect(receiver.messages).toHaveLength(1);
    await expect(sinkTo(receiver.url, { ca }).send([anEvent()], inTime())).rejects.toThrow();
    expect(receiver.messages).toHaveLength(1);
  });

  it.each([
    ['of a stranger', ['127.0.0.1'], false],
    ['for another host', ['other.example'], true],
  ])('sends nothing to a receiver with a certificate %s', async (_what, hosts, isKnown) => {
    const authority = await makeAuthority();
    const receiver = await receive({ tls: authority.issue(hosts) });
    const trusted = isKnown ? authority : await makeAuthority();
    const sink = sinkTo(receiver.url, { ca: readFileSync(trusted.ca, 'utf8') });
    await expect(sink.send([anEvent()], inTime())).rejects.toThrow(/certificate|altnames|issuer/i);
    expect(receiver.messages).toEqual([]);
  });
});

describe('syslog over UDP (RFC 5426)', () => {
  it('puts each event into a datagram of at most 2048 bytes', async () => {
    const receiver = await startSyslogDatagrams();
    open.push(receiver);
    const events = [anEvent(), anEvent({ sequence: 6, details: { text: 'x'.repeat(5000) } })];
    await sinkTo(receiver.url).send(events, inTime());
    await waitFor('both have come', () => receiver.messages.length === 2);
    expect(JSON.parse(receiver.messages[0]?.text ?? '')).toEqual(events[0]);
    expect(receiver.messages[1]).toMatchObject({ bytes: 2048, hasMark: true });
  });
});

it('says where the log goes without what is secret in the address', () => {
  expect(sinkTo('tls://name:secret@siem.example').address).toBe('tls://siem.example:6514');
});
