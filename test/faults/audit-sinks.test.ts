import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { type SyslogReceiver, startSyslogReceiver } from '../support/syslog-receiver.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  startWebhookReceiver,
  type WebhookOptions,
  type WebhookReceiver,
} from '../support/webhook-receiver.ts';
import { auditShipping, dyingAt } from './crash-points.ts';
import { killed } from './crashes.ts';
import { isLong, longest, report } from './report.ts';

jest.setTimeout(longest);

const changes = isLong ? 400 : 40;
const secret = 'a secret that both sides know, of 32 characters or more';

interface Sink {
  name: 'syslog' | 'webhook';
  position: number;
  since: number;
  waiting: number;
  failures: number;
  last_error: string | null;
}

describe('F-29 a sink of the audit log that does not do its part', () => {
  let database: TestDatabase;
  let server: RunningGatehouse;
  let settings: Record<string, string>;
  let ports: { syslog: number; webhook: number };
  let user = '';
  let usual = 0;
  /** Everything that has arrived, whichever receiver was there. */
  const arrived: Record<Sink['name'], number[]> = { syslog: [], webhook: [] };
  beforeAll(async () => {
    database = await createDatabase();
    ports = { syslog: await freePort(), webhook: await freePort() };
    const first = await startGatehouse({ database });
    settings = {
      GATEHOUSE_ISSUER: first.issuer,
      GATEHOUSE_AUDIT_SYSLOG_URL: `tcp://127.0.0.1:${ports.syslog}`,
      GATEHOUSE_AUDIT_WEBHOOK_URL: `http://127.0.0.1:${ports.webhook}/`,
      GATEHOUSE_AUDIT_WEBHOOK_SECRET: secret,
    };
    server = await first.startAgain({ env: settings });
    const made = await server.admin('POST', 'users', { email: 'changed@example.org' });
    user = String(made.body.sub);
    await withSinks(async () => {
      usual = await change();
      await everythingArrives();
    });
  });
  afterAll(() => server.dispose());

  /** @returns milliseconds that the slowest took */
  const change = async (): Promise<number> => {
    let slowest = 0;
    for (let index = 0; index < changes; index += 1) {
      const began = performance.now();
      const { status } = await server.admin('PATCH', `users/${user}`, { name: `Name ${began}` });
      expect(status).toBe(200);
      slowest = Math.max(slowest, performance.now() - began);
    }
    return slowest;
  };
  const sinks = async (): Promise<Sink[]> => {
    const { body } = await server.admin('GET', 'audit-events/sinks');
    return JSON.parse(JSON.stringify(body.items));
  };
  const sink = async (name: Sink['name']) => (await sinks()).find((one) => one.name === name);
  const collect = (syslog: SyslogReceiver, webhook: WebhookReceiver): void => {
    arrived.syslog.push(...syslog.messages.map(({ data }) => Number(data['gatehouse@32473']?.seq)));
    arrived.webhook.push(...webhook.events().map(({ sequence }) => sequence));
  };
  const withSinks = async (
    work: () => Promise<unknown>,
    misbehave: { syslog?: (socket: Socket) => boolean; webhook?: WebhookOptions['misbehave'] } = {},
  ): Promise<void> => {
    const taking = misbehave.syslog === undefined ? {} : { misbehave: misbehave.syslog };
    const refusing = misbehave.webhook === undefined ? {} : { misbehave: misbehave.webhook };
    const syslog = await startSyslogReceiver({ port: ports.syslog, ...taking });
    const webhook = await startWebhookReceiver({ port: ports.webhook, secret, ...refusing });
    try {
      await work();
    } finally {
      collect(syslog, webhook);
      await syslog.close();
      await webhook.close();
    }
  };
  const everythingArrives = () =>
    waitFor(
      'both sinks have everything',
      async () => {
        const states = await sinks();
        return (
          states.length === 2 && states.every(({ waiting, failures }) => waiting === 0 && failures === 0)
        );
      },
      { within: 90_000 },
    );
  /** Of each sink: what is missing, what came before something earlier for the first time, and what came twice. */
  const judge = async () => {
    const verdicts = (await sinks()).map(({ name, since, position }) => {
      const first = [...new Set(arrived[name])];
      const owed = Array.from({ length: position - since }, (_, index) => since + 1 + index);
      expect([name, first]).toEqual([name, owed]);
      return arrived[name].length - first.length;
    });
    return Math.max(...verdicts);
  };

  it.each<[string, Parameters<typeof withSinks>[1] | 'down']>([
    ['is down', 'down'],
    [
      'takes connections and hangs',
      {
        syslog: (socket) => {
          socket.pause();
          return true;
        },
        webhook: () => true,
      },
    ],
    [
      'takes one byte in a second',
      {
        syslog: (socket) => {
          socket.pause();
          const timer = setInterval(() => socket.read(1), 1000);
          socket.on('close', () => clearInterval(timer));
          return true;
        },
        webhook: (req) => {
          const timer = setInterval(() => req.read(1), 1000);
          req.on('close', () => clearInterval(timer));
          return true;
        },
      },
    ],
    [
      'hangs up, and fails',
      {
        syslog: (socket) => {
          socket.resetAndDestroy();
          return true;
        },
        webhook: (_, res) => {
          res.writeHead(500).end();
          return true;
        },
      },
    ],
  ])(
    '%s: no request waits for it, and it gets everything in order when it is well again',
    async (how, fault) => {
      let slowest = 0;
      const meanwhile = async (): Promise<void> => {
        slowest = await change();
        await waitFor(
          'both have failed',
          async () => (await sinks()).every(({ failures, waiting }) => failures > 0 && waiting > 0),
          { within: 60_000 },
        );
      };
      if (fault === 'down') await meanwhile();
      else await withSinks(meanwhile, fault);
      const before = arrived.syslog.length + arrived.webhook.length;
      await withSinks(everythingArrives);
      const twice = await judge();
      expect(arrived.syslog.length + arrived.webhook.length).toBeGreaterThan(before);
      expect(slowest).toBeLessThan(1000);
      report({
        row: 'F-29',
        fault: `a sink ${how} for ${changes} changes`,
        calls: { ok: changes, fail: 0, unknown: 0 },
        lost: 0,
        measured: `the slowest change took ${usual.toFixed(0)} ms before and ${slowest.toFixed(0)} ms meanwhile; ${twice} events came twice so far`,
      });
    },
  );

  it('has everything as the server dies before it is noted: that comes once more, and nothing is lost', async () => {
    await judge();
    const before = arrived.syslog.length - new Set(arrived.syslog).size;
    await server.stop();
    await withSinks(async () => {
      const dying = await server.startAgain({ env: { ...settings, ...dyingAt(auditShipping) } });
      server = dying;
      void change().catch(() => {});
      await expect(dying.ended).resolves.toBe(killed);
      server = await dying.startAgain({ env: { ...settings, CRASH_AT: '', NODE_OPTIONS: '' } });
      await everythingArrives();
    });
    const twice = (await judge()) - before;
    expect(twice).toBeLessThanOrEqual(200);
    report({
      row: 'F-29',
      fault: 'kill -9 between what a sink has taken and the note of it',
      calls: { ok: 0, fail: 0, unknown: changes },
      lost: 0,
      measured: `${twice} events came twice`,
    });
  });

  it('is killed at random times, again and again', async () => {
    const kills = isLong ? 20 : 3;
    await withSinks(async () => {
      for (let round = 0; round < kills; round += 1) {
        const running = change().catch(() => {});
        await waitFor(
          'something was shipped',
          async () => ((await sink('syslog').catch(() => undefined))?.waiting ?? 0) > 0,
        );
        await server.kill9();
        await running;
        server = await server.startAgain({ env: settings });
      }
      await everythingArrives();
    });
    const twice = await judge();
    report({
      row: 'F-29',
      fault: `${kills} kills -9 of the process that ships`,
      calls: { ok: 0, fail: 0, unknown: kills * changes },
      lost: 0,
      measured: `${twice} events came twice, of ${arrived.syslog.length}`,
    });
  });

  it('is told in the metrics', async () => {
    await withSinks(everythingArrives);
    const text = await (await fetch(`${server.managementUrl}/metrics`)).text();
    const { position } = (await sink('syslog')) ?? { position: -1 };
    const [, told] = /^gatehouse_audit_syslog_position (\d+)$/m.exec(text) ?? [];
    expect(Number(told)).toBeGreaterThan(position - 20);
    expect(text).toMatch(/^gatehouse_audit_webhook_failures 0$/m);
    expect(text).toMatch(/^gatehouse_audit_webhook_waiting \d+$/m);
  });
});
