import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const handle = Symbol.for('gatehouse test run keeper');
type Holder = typeof globalThis & { [handle]?: ChildProcess };

/** Jest loads set-up and tear-down as two module graphs of one process, so the child is handed over on globalThis. */
export function keepKeeper(keeper: ChildProcess): void {
  (globalThis as Holder)[handle] = keeper;
}

/** Lets the keeper clean up, and waits until it has. */
export async function releaseKeeper(): Promise<void> {
  const keeper = (globalThis as Holder)[handle];
  if (keeper === undefined || keeper.exitCode !== null) return;
  const ended = once(keeper, 'exit');
  keeper.stdin?.end();
  await ended;
}
