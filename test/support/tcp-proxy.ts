import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Stands between two programs on this machine, so that a test can break what lies between them. */
export interface TcpProxy {
  port: number;
  /** New connections lead there from now on; those that are open are cut. */
  moveTo(port: number): void;
  /** Ends every open connection, as a reset. */
  cut(): void;
  /** As when nobody listens: open connections are cut and new ones refused. `accept` ends it. */
  refuse(): void;
  accept(): Promise<void>;
  /** As a half-open connection: all stay, new ones come about, nothing passes. `resume` lets go what has come meanwhile. */
  stall(): void;
  resume(): void;
  /** Milliseconds that everything takes longer in each direction. */
  delay(milliseconds: number): void;
  /** `url` with this proxy in the place of its host. */
  urlOf(url: string): string;
  close(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let to = target;
  let latency = 0;
  let stalled: PromiseWithResolvers<void> | undefined;
  const pairs = new Set<readonly [Socket, Socket]>();

  /** Passes on what comes, in order; what comes while it is stalled or under way stays in the socket's own buffer. */
  async function pass(from: Socket, into: Socket): Promise<void> {
    for await (const chunk of from) {
      if (latency > 0) await pause(latency);
      await stalled?.promise;
      if (!into.write(chunk)) await once(into, 'drain');
    }
    await stalled?.promise;
    into.end();
  }

  function take(near: Socket): void {
    const far = connect({ port: to, host: '127.0.0.1', noDelay: true });
    near.setNoDelay();
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, into] of [pair, [far, near] as const]) {
      pass(from, into).catch(() => end(pair));
      from.on('error', () => end(pair)).once('close', () => end(pair));
    }
  }

  function end(pair: readonly [Socket, Socket]): void {
    if (!pairs.delete(pair)) return;
    // One that is being ended cannot be reset (libuv refuses it), and would stay open until the process hangs in its exit.
    for (const socket of pair) {
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  const cut = (): void => {
    for (const pair of pairs) end(pair);
  };
  const listen = async (port: number): Promise<Server> => {
    const listening = createServer(take);
    listening.listen(port, '127.0.0.1');
    await once(listening, 'listening');
    return listening;
  };
  let server = await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    moveTo(next) {
      to = next;
      cut();
    },
    cut,
    refuse() {
      server.close();
      cut();
    },
    async accept() {
      if (!server.listening) server = await listen(port);
    },
    stall() {
      stalled ??= Promise.withResolvers<void>();
    },
    resume() {
      stalled?.resolve();
      stalled = undefined;
    },
    delay(milliseconds) {
      latency = milliseconds;
    },
    urlOf: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    async close() {
      stalled?.resolve();
      cut();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
