import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * What a call was for. `family` names everything that comes of one sign-in: its code, tokens and session; `user` is an
 * address, `client` a client_id.
 */
export type Operation =
  | { type: 'authorize'; family: string; user: string; password: string }
  | { type: 'exchange'; family: string; code: string }
  | { type: 'refresh'; family: string; token: string }
  | { type: 'userinfo'; family: string; token: string }
  | { type: 'introspect'; family: string; token: string }
  | { type: 'revoke'; family: string; token: string }
  | { type: 'sign-out'; family: string }
  | { type: 'service-token'; client: string }
  | { type: 'introspect-service'; client: string; token: string }
  | { type: 'create-user'; user: string; name: string; password: string }
  | { type: 'rename-user'; user: string; name: string }
  | { type: 'set-password'; user: string; password: string }
  | { type: 'disable-user'; user: string }
  | { type: 'read-user'; user: string }
  | { type: 'create-client'; client: string; name: string }
  | { type: 'rename-client'; client: string; name: string }
  | { type: 'read-client'; client: string }
  | { type: 'jwks' };

/**
 * `ok` must be visible for ever, `fail` must have no effect, `unknown` (a timeout, a cut connection, 5xx) may be either but
 * never both.
 */
export type Outcome = 'ok' | 'fail' | 'unknown';

/** What an answer said, as far as an invariant asks for it. */
export interface Facts {
  /** Of an authorization. */
  code?: string;
  /** Of a token answer: its tokens, and all of its bytes. */
  access?: string;
  refresh?: string;
  body?: string;
  /** The key that has signed the ID token, if the signature was good. */
  kid?: string;
  kids?: string[];
  sub?: string;
  active?: boolean;
  /** Of a user or client that was read: absent when there is none. */
  name?: string;
  status?: string;
}

export interface Completion {
  outcome: Outcome;
  /** Why it is not ok, for a reader. */
  why?: string;
  /** Status of the answer, if there was one. */
  status?: number;
  requestId?: string;
  retryAfter?: string;
  facts?: Facts;
}

/** One call, with its place in the history: it began with line `invoked` and ended with line `ended`. */
export interface Call extends Completion {
  worker: string;
  operation: Operation;
  invoked: number;
  ended: number;
  /** Milliseconds since 1970, and how long it took. */
  at: number;
  ms: number;
}

type Line =
  | { kind: 'invoke'; call: number; at: number; worker: string; operation: Operation }
  | ({ kind: Outcome; call: number; ms: number } & Omit<Completion, 'outcome'>)
  | { kind: 'fault'; at: number; what: string };

export interface History {
  path: string;
  /** Calls `attempt` between a line that says so and one with what came of it. Each line is written before anything goes on. */
  record<T extends Completion>(
    worker: string,
    operation: Operation,
    attempt: () => Promise<T>,
  ): Promise<T | Completion>;
  /** Notes what the nemesis has done. */
  fault(what: string): void;
  /** Calls that were answered so far, by what came of them. */
  counts(): Record<Outcome, number>;
  /** Calls of this kind that have succeeded so far. */
  succeeded(type: Operation['type']): number;
  close(): void;
}

/** An append-only file of JSON lines. `isUnknown` tells an error that leaves the outcome open from a mistake of the test. */
export function openHistory(path: string, reasonOf: (error: unknown) => string | undefined): History {
  const file = openSync(path, 'a');
  let calls = 0;
  const counts: Record<Outcome, number> = { ok: 0, fail: 0, unknown: 0 };
  const succeeded = new Map<Operation['type'], number>();
  const write = (line: Line): void => void writeSync(file, `${JSON.stringify(line)}\n`);
  return {
    path,
    async record(worker, operation, attempt) {
      const call = calls++;
      const began = performance.now();
      write({ kind: 'invoke', call, at: Date.now(), worker, operation });
      const completion = await attempt().catch((error: unknown): Completion => {
        const why = reasonOf(error);
        if (why === undefined) throw error;
        return { outcome: 'unknown', why };
      });
      const { outcome, why, status, requestId, retryAfter, facts } = completion;
      const ms = Math.round(performance.now() - began);
      write(
        JSON.parse(JSON.stringify({ kind: outcome, call, ms, status, why, requestId, retryAfter, facts })),
      );
      counts[outcome] += 1;
      if (outcome === 'ok') succeeded.set(operation.type, (succeeded.get(operation.type) ?? 0) + 1);
      return completion;
    },
    fault: (what) => write({ kind: 'fault', at: Date.now(), what }),
    counts: () => ({ ...counts }),
    succeeded: (type) => succeeded.get(type) ?? 0,
    close: () => closeSync(file),
  };
}

/** Reads a history back, in the order in which calls began. One that never ended is unknown to the end. */
export function readHistory(path: string): { calls: Call[]; faults: { line: number; what: string }[] } {
  const calls = new Map<number, Call>();
  const faults: { line: number; what: string }[] = [];
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  lines.forEach((text, index) => {
    const line: Line = JSON.parse(text);
    if (line.kind === 'fault') {
      faults.push({ line: index, what: line.what });
    } else if (line.kind === 'invoke') {
      const { worker, operation, at } = line;
      const open = {
        outcome: 'unknown',
        why: 'never ended',
        ended: Number.POSITIVE_INFINITY,
        ms: 0,
      } as const;
      calls.set(line.call, { worker, operation, at, invoked: index, ...open });
    } else {
      const begun = calls.get(line.call);
      if (begun === undefined) throw new Error(`Line ${index + 1} ends a call that has not begun.`);
      const { kind, call: _call, ...rest } = line;
      const { why: _why, ...known } = begun;
      calls.set(line.call, { ...known, ...rest, outcome: kind, ended: index });
    }
  });
  return { calls: [...calls.values()], faults };
}
