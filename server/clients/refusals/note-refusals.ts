import { hash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { type Budget, type BudgetRule, makeBudget } from './budget.ts';
import { type ClientError, type ClientErrorStore, keptSamples, type Sample } from './client-error.ts';
import { entryIdLength } from './error-ids.ts';
import type { Explanation } from './explain.ts';

export interface Refusal extends Explanation {
  /** Null: none that is known to be registered. */
  clientId: string | null;
  /** Whom the request says that it is from; told apart by it, and looked up when it is written. */
  claimedClientId: string | null;
  endpoint: string;
  error: string;
  requestId: string | null;
}

export interface NoteRefusals {
  /** Keeps a refusal in memory and says by which id it will be found. Waits for nothing. */
  note(refusal: Refusal): string;
  /** Writes what was noted since. What cannot be written is kept and written with the next. */
  flush(): Promise<void>;
}

export interface NoteRefusalsDeps {
  clientErrors: Pick<ClientErrorStore, 'add'>;
  /** Whether a client is registered. */
  isRegistered(clientId: string): Promise<boolean>;
  clock: Clock;
  log: Pick<Log, 'warn'>;
  /** Entries that this process begins at most, by who causes them. */
  limits: { strangers: BudgetRule; client: BudgetRule; allClients: BudgetRule; collective: BudgetRule };
}

/** Clients whose budgets are kept in mind; those of strangers have one together. */
const mostBudgets = 10_000;
/** Entries of one statement. */
const batch = 200;
const hour = 3_600_000;

/**
 * Refusals are counted by client, reason and hour, and written together, off the path of the request. Strangers can make up as
 * many reasons as they like, so how many entries are begun is limited: beyond it refusals are counted in one entry for each
 * client and kind, and beyond that for each kind, where the last ones can still be seen.
 */
export function makeNoteRefusals(deps: NoteRefusalsDeps): NoteRefusals {
  const admit = makeAdmission(deps.limits);
  const collective = makeBudget(deps.limits.collective);
  /** Those begun in this hour, and in it all that waits to be written. */
  const known = new Set<string>();
  let knownHour = 0;
  let waiting = new Map<string, Waiting>();

  return {
    note(refusal) {
      const now = deps.clock.now();
      const thisHour = Math.floor(now.getTime() / hour);
      if (thisHour !== knownHour) known.clear();
      knownHour = thisHour;
      const candidates: [Waiting, () => boolean][] = [
        [begin(refusal, thisHour, now), () => admit(refusal, now)],
        [together(refusal, thisHour, now), () => collective.take(now)],
      ];
      const [entry] = candidates.find(([{ id }, may]) => known.has(id) || may()) ?? [
        together({ ...refusal, clientId: null }, thisHour, now, refusal.clientId),
      ];
      known.add(entry.id);
      const before = waiting.get(entry.id);
      waiting.set(entry.id, before === undefined ? entry : addTo(before, entry));
      return entry.id;
    },

    async flush() {
      if (waiting.size === 0) return;
      const taken = [...waiting.values()];
      waiting = new Map();
      for (let first = 0; first < taken.length; first += batch) {
        try {
          const entries = taken.slice(first, first + batch);
          await deps.clientErrors.add(await Promise.all(entries.map((entry) => attribute(deps, entry))));
        } catch (error) {
          deps.log.warn('refusals of clients could not be written yet', { error });
          for (const entry of taken.slice(first)) {
            const since = waiting.get(entry.id);
            waiting.set(entry.id, since === undefined ? entry : addTo(entry, since));
          }
          return;
        }
      }
    },
  };
}

/** An entry, and the client that it may be of. */
type Waiting = ClientError & { claimed?: string | undefined };

/** What was refused before the client was looked up belongs to it all the same. */
async function attribute({ isRegistered }: NoteRefusalsDeps, entry: Waiting): Promise<ClientError> {
  const { claimed, ...error } = entry;
  const isTheirs = claimed !== undefined && (await isRegistered(claimed));
  return isTheirs ? { ...error, clientId: claimed } : error;
}

function makeAdmission({ strangers, client, allClients }: Omit<NoteRefusalsDeps['limits'], 'collective'>) {
  const ofStrangers = makeBudget(strangers);
  const ofAll = makeBudget(allClients);
  const ofClients = new Map<string, Budget>();
  return ({ clientId }: Refusal, now: Date): boolean => {
    if (clientId === null) return ofStrangers.take(now);
    const own = ofClients.get(clientId) ?? makeBudget(client);
    ofClients.delete(clientId);
    ofClients.set(clientId, own);
    const [oldest] = ofClients.keys();
    if (ofClients.size > mostBudgets && oldest !== undefined) ofClients.delete(oldest);
    return own.take(now) && ofAll.take(now);
  };
}

function begin(refusal: Refusal, thisHour: number, now: Date): Waiting {
  const { clientId, claimedClientId, code, endpoint, error, facts, varying, requestId } = refusal;
  return {
    id: idOf([clientId ?? claimedClientId, code, endpoint, error, facts, thisHour]),
    clientId,
    code,
    endpoint,
    error,
    isCollective: false,
    facts,
    ...(clientId === null && code !== 'client_unknown' ? { claimed: claimedClientId ?? undefined } : {}),
    ...once(now, { at: now, requestId, facts: varying }),
  };
}

/** What there is too much of, each kind in one entry. Without a client there is a bounded number, since kinds are. */
function together(refusal: Refusal, thisHour: number, now: Date, whose: string | null = null): Waiting {
  const { clientId, code, endpoint, error, facts, varying, requestId } = refusal;
  const who: Record<string, string> = whose === null ? {} : { client_id: whose };
  return {
    id: idOf([clientId, code, endpoint, error, thisHour]),
    clientId,
    code,
    endpoint,
    error,
    isCollective: true,
    facts: {},
    ...once(now, { at: now, requestId, facts: { ...who, ...facts, ...varying } }),
  };
}

const once = (now: Date, sample: Sample) => ({
  count: 1,
  firstSeenAt: now,
  lastSeenAt: now,
  samples: [sample],
});

const addTo = (earlier: Waiting, later: Waiting): Waiting => ({
  ...earlier,
  count: earlier.count + later.count,
  lastSeenAt: later.lastSeenAt,
  samples: [...later.samples, ...earlier.samples].slice(0, keptSamples),
});

const idOf = (parts: readonly unknown[]): string =>
  hash('sha256', JSON.stringify(parts), 'buffer').subarray(0, entryIdLength).toString('base64url');
