import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

/** CPU time that a process has used so far with all its threads, in milliseconds (schedstat: nanoseconds on the processor). */
export function cpuOf(pid: number): number {
  const threads = orNothing(() => readdirSync(`/proc/${pid}/task`), []);
  const spent = threads.map((thread) =>
    orNothing(() => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0),
  );
  return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6;
}

/** A process or thread may have ended between two looks. */
function orNothing<T>(look: () => T, nothing: T): T {
  try {
    return look();
  } catch {
    return nothing;
  }
}

/** Resident memory in MB of a process. */
export function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** A process and everything that it has started. */
export function familyOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
  return [pid, ...children.flatMap(familyOf)];
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

export interface Shot {
  url: string;
  /** Left out, it is a GET. */
  body?: string;
  headers: Record<string, string>;
}

/**
 * Sends these requests over `connections` kept connections; every answer must be 200.
 *
 * @returns the bodies, in the order of the requests
 */
export async function fire(shots: readonly Shot[], connections = 8): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: string[] = Array.from({ length: shots.length });
  const waiting = shots.entries();
  const worker = async (): Promise<void> => {
    for (const [index, shot] of waiting) answers[index] = await send(shot, agent);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return answers;
}

function send({ url, body, headers }: Shot, agent: Agent | undefined, status = 200): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const outgoing = request(url, { method, headers, ...(agent && { agent }) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.once('end', () =>
        answer.statusCode === status
          ? resolve(text)
          : reject(new Error(`${url} answered ${answer.statusCode}: ${text}`)),
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** Milliseconds until the answer is read to its end; it must have this status. */
export async function timed(shot: Shot, agent?: Agent, status = 200): Promise<number> {
  const began = performance.now();
  await send(shot, agent, status);
  return performance.now() - began;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
