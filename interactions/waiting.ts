import type { Words } from '../server/http/words.ts';

/** Whole seconds until then, at least one. */
export function secondsUntil(then: Date, now: Date): number {
  return Math.max(1, Math.ceil((then.getTime() - now.getTime()) / 1000));
}

/** How long somebody has to wait after wrong passwords, in whole minutes from a minute on. */
export function waitingWords(seconds: number): Words {
  if (seconds < 60) return { key: 'signin.wait_seconds', params: { seconds: String(seconds) } };
  return { key: 'signin.wait_minutes', params: { minutes: String(Math.ceil(seconds / 60)) } };
}
