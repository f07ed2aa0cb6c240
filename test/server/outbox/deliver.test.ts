import { describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '../../../server/audit/event.ts';
import { makeMailLanguages } from '../../../server/compose/mail-texts.ts';
import { type DeliveryOutcome, delayAfter, makeDeliver } from '../../../server/outbox/deliver.ts';
import { type Mail, MailRefused } from '../../../server/outbox/mail.ts';
import type { TakenMessage } from '../../../server/outbox/outbox-store.ts';
import { startDeliveries } from '../../../server/process/deliveries.ts';
import { someTime } from '../../contracts/builders.ts';
import { waitFor } from '../../support/wait-for.ts';

const owed = (to: string) => ({
  to,
  message: { kind: 'password_changed', params: { address: to, link: 'https://id.example/forgot-password' } },
});

const aMessage = (id: string, changes: Partial<TakenMessage> = {}): TakenMessage => ({
  id,
  kind: 'password_changed',
  payload: owed(`${id}@example.org`),
  createdAt: someTime,
  expiresAt: null,
  attempt: 1,
  ...changes,
});

/** An outbox in memory with these messages, and what became of each. */
function setUp(messages: TakenMessage[], send: (mail: Mail) => Promise<void>) {
  const ends: Record<string, unknown> = {};
  const events: AuditEvent[] = [];
  const end = async (id: string, what: unknown): Promise<void> => {
    ends[id] ??= what;
  };
  const deliver = makeDeliver({
    outbox: {
      take: async () => messages.splice(0, 1),
      deliver: (id) => end(id, 'delivered'),
      postpone: (id, dueAt, error) => end(id, { dueAt, error }),
      giveUp: async (id, state, error) => {
        await end(id, { state, error });
        return { accountId: null };
      },
    },
    audit: { append: async (event) => void events.push(event) },
    inTransaction: (work) => work(),
    mailer: { send },
    tasks: {
      password_reset_request: async (_payload, finish) => finish(),
      sign_up_request: async (_payload, finish) => finish(),
    },
    clock: { now: () => someTime },
    chance: () => 0,
    languageFor: makeMailLanguages(),
    serviceName: 'Example',
    onFailure: () => {},
  });
  return { ends, events, deliver };
}

const watch = { onTaken: () => {}, onOutcome: () => {} };

describe('delivering', () => {
  it('tries again after 5 s, doubling to four hours, each shortened by up to a half by chance', () => {
    expect([1, 2, 3, 12, 20].map((attempt) => delayAfter(attempt, 0))).toEqual([5, 10, 20, 10_240, 14_400]);
    expect(delayAfter(1, 0.999)).toBeCloseTo(2.5);
    const all = Array.from({ length: 19 }, (_, attempt) => delayAfter(attempt + 1, 0.5));
    expect(all.reduce((sum, delay) => sum + delay)).toBeGreaterThan(24 * 3600);
  });

  it.each<[string, Partial<TakenMessage>, Error | undefined, unknown]>([
    ['what arrives is delivered', {}, undefined, 'delivered'],
    [
      'what fails waits',
      {},
      new Error('busy'),
      { dueAt: new Date(someTime.getTime() + 5000), error: 'busy' },
    ],
    [
      'what is refused is dead at once',
      {},
      new MailRefused('no such mailbox'),
      { state: 'dead', error: 'no such mailbox' },
    ],
    [
      'what has failed twenty times is dead',
      { attempt: 20 },
      new Error('busy'),
      { state: 'dead', error: 'busy' },
    ],
    [
      'what has expired is not sent',
      { expiresAt: someTime },
      new Error('it was sent'),
      { state: 'expired', error: expect.any(String) },
    ],
    [
      'what cannot be opened is dead',
      { payload: undefined },
      new Error('it was sent'),
      { state: 'dead', error: expect.stringContaining('cannot be opened') },
    ],
    [
      'a task that marks its own end is not marked twice',
      { kind: 'password_reset_request' },
      new Error('it was sent'),
      'delivered',
    ],
  ])('%s', async (_what, changes, failure, end) => {
    const { deliver, ends, events } = setUp([aMessage('one', changes)], async () => {
      if (failure !== undefined) throw failure;
    });
    await expect(deliver(watch)).resolves.toBe(true);
    expect(ends).toEqual({ one: end });
    const isGivenUp = ['dead', 'expired'].some((state) => JSON.stringify(ends).includes(`"${state}"`));
    expect(events.map(({ type }) => type)).toEqual(isGivenUp ? ['outbox.given_up'] : []);
    await expect(deliver(watch)).resolves.toBe(false);
  });

  it('sends a mail under the id that it has in the outbox, in the language of its reader', async () => {
    const sent: Mail[] = [];
    const { deliver } = setUp([aMessage('one')], async (mail) => void sent.push(mail));
    await deliver(watch);
    expect(sent).toMatchObject([{ id: 'one', to: 'one@example.org', subject: 'Your password was changed' }]);
    expect(sent[0]?.html).toContain('<html lang="en">');
  });

  it('is not held up by a recipient that is slow, and does no more at once than it may', async () => {
    const messages = Array.from({ length: 30 }, (_, index) => aMessage(`m${index}`));
    const slow = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const { deliver, ends } = setUp(messages, async ({ to }) => {
      running += 1;
      most = Math.max(most, running);
      if (to.startsWith('m0@')) await slow.promise;
      else await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    const outcomes: DeliveryOutcome[] = [];
    let wake = (): void => {};
    const stop = startDeliveries({
      deliver,
      onAdded(added) {
        wake = added;
      },
      onOutcome: (outcome) => void outcomes.push(outcome),
      interval: 60,
      atOnce: 3,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    wake();
    await waitFor('all others are delivered', () => Object.keys(ends).length === 29);
    expect([most, ends.m0]).toEqual([3, undefined]);
    slow.resolve();
    await stop();
    expect(outcomes).toHaveLength(30);
  });
});
