import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeWebhookSink } from '../../../adapters/audit-sinks/webhook.ts';
import { makeGuardedPost } from '../../../adapters/net/guarded-post.ts';
import {
  startWebhookReceiver,
  type WebhookOptions,
  type WebhookReceiver,
} from '../../support/webhook-receiver.ts';
import { anEvent, inTime } from './events.ts';

const secret = 'a secret that both sides know, of 32 characters or more';
const now = new Date('2026-11-24T23:00:00.500Z');
const open: WebhookReceiver[] = [];
const receive = async (misbehave?: WebhookOptions['misbehave']) => {
  const receiver = await startWebhookReceiver({ secret, ...(misbehave === undefined ? {} : { misbehave }) });
  open.push(receiver);
  return receiver;
};
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});

const sinkTo = (url: string, { allow = ['127.0.0.0/8'], known = secret } = {}) =>
  makeWebhookSink({ url, secret: known, clock: { now: () => now }, post: makeGuardedPost(allow) });

describe('the webhook of the audit log', () => {
  it('posts what happened in order, signed with the time, and says from where to where', async () => {
    const receiver = await receive();
    const events = [anEvent(), anEvent({ sequence: 6 })];
    await sinkTo(receiver.url).send(events, inTime());
    expect(receiver.events()).toEqual(events);
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'gatehouse-timestamp': '1795561200',
      'gatehouse-sequence': '5-6',
    });
  });

  it('is refused by a receiver that knows another secret', async () => {
    const receiver = await receive();
    const sink = sinkTo(receiver.url, { known: 'another secret that has also 32 characters' });
    await expect(sink.send([anEvent()], inTime())).rejects.toThrow('the receiver answered 401');
  });

  it.each<[string, (req: IncomingMessage, res: ServerResponse) => void, RegExp]>([
    ['fails', (_, res) => void res.writeHead(500).end(), /answered 500/],
    [
      'leads elsewhere',
      (req, res) => void res.writeHead(307, { location: `http://${req.headers.host}/other` }).end(),
      /answered 307/,
    ],
    ['hangs up', (req) => void req.socket.resetAndDestroy(), /ECONNRESET|hang up/],
    ['never answers', () => {}, /abort|timeout/i],
    [
      'answers without an end',
      (_, res) => {
        res.writeHead(200);
        const write = (): void => void (res.destroyed || res.write('x'.repeat(50_000), write));
        write();
      },
      /too long|aborted/,
    ],
  ])('has not delivered when the receiver %s', async (_how, misbehave, why) => {
    const receiver = await receive((req, res) => {
      misbehave(req, res);
      return true;
    });
    const sending = sinkTo(receiver.url).send([anEvent()], AbortSignal.timeout(700));
    await expect(sending).rejects.toThrow(why);
  });

  it.each([
    ['http://127.0.0.1:PORT/', ['10.0.0.0/8']],
    ['http://localhost:PORT/', []],
    ['http://[::ffff:127.0.0.1]:PORT/', []],
    ['http://0x7f.1:PORT/', []],
    ['http://169.254.169.254/latest/meta-data', []],
  ])('does not go to %s unless the operator has allowed it', async (url, allow) => {
    const receiver = await receive();
    const sink = sinkTo(url.replace('PORT', String(receiver.port)), { allow });
    await expect(sink.send([anEvent()], inTime())).rejects.toThrow('not in GATEHOUSE_FETCH_ALLOW');
    expect(receiver.requests).toEqual([]);
  });

  it('goes to a private host that the operator has allowed by its name', async () => {
    const receiver = await receive();
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    await sinkTo(url, { allow: ['localhost'] }).send([anEvent()], inTime());
    expect(receiver.events()).toHaveLength(1);
  });
});
