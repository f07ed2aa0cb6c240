import { Socket } from 'node:net';
import pg from 'pg';

/** One connection to PostgreSQL, which knows when it is no longer one. */
export class Session extends pg.Client {
  /** Why nothing can be sent any more. */
  #lost: unknown;
  readonly #socket: Socket;
  /** Counts how often the server has turned out not to take writes; see connect.ts. */
  readonly epoch: number;

  constructor(config: pg.ClientConfig, epoch: number) {
    const socket = new Socket();
    super({ ...config, stream: () => socket, keepAlive: true });
    this.#socket = socket;
    this.epoch = epoch;
    this.on('error', (error) => {
      this.#lost ??= error;
    });
    this.on('end', () => {
      this.#lost ??= new Error('the connection has ended');
    });
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Whether the next statement may be sent by somebody else: it lives, and no transaction is open. */
  get reusable(): boolean {
    return !this.lost && this.getTransactionStatus() === 'I';
  }

  /**
   * Ends it from this side, without asking a server that may not answer. What was sent may still be done there; a transaction
   * that is open is undone.
   */
  cut(why: unknown): void {
    this.#lost ??= why;
    this.#socket.destroy();
  }

  /** Takes leave in order, but waits no longer than so many milliseconds for it. */
  async leave(most: number): Promise<void> {
    const late = setTimeout(() => this.#socket.destroy(), most).unref();
    await this.end().finally(() => clearTimeout(late));
  }
}
