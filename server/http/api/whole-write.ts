import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { AppError } from '../../errors.ts';
import type { KeptAnswers } from '../../requests/kept-answers.ts';
import type { WholeRequests } from '../../requests/whole-requests.ts';
import { etagOf } from './etag.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import type { Answer, RawRequest, Route, RouteDescription } from './route.ts';
import { withoutSecrets } from './shown-once.ts';

export interface WholeWriteDeps {
  wholeRequests: WholeRequests;
  keptAnswers: KeptAnswers;
  clock: Clock;
}

/** An answer as it goes out. */
export interface SentAnswer {
  status: Answer['status'];
  headers: Record<string, string>;
  /** JSON, or nothing. */
  text: string | null;
  stream?: Answer['stream'];
}

/** A write, as it came. */
export interface Write {
  route: Route;
  request: RawRequest;
  /** Path with its query: the same request is one to the same target. */
  target: string;
  /** The value of the Idempotency-Key header. */
  key: string;
}

/** Seconds for which an answer can be asked for again. */
const keptFor = 24 * 60 * 60;

const dryRunQuery = z.enum(['true', 'false']).optional().meta({
  description:
    'true: answers what would come of it and changes nothing. Ids in the answer are of no use later, and secrets are not in it.',
});

/** What is to be said of a write because it is run by `makeRunWrite`. */
export function describeWrite<Described extends RouteDescription>(route: Described): Described {
  if (route.method === 'GET') return route;
  const keyErrors =
    route.method === 'POST'
      ? (['invalid_idempotency_key', 'request_in_progress', 'idempotency_key_reused'] as const)
      : [];
  return {
    ...route,
    query: route.query.extend({ dry_run: dryRunQuery }),
    errors: [...route.errors, ...keyErrors],
  };
}

/**
 * Runs writes. With `dry_run=true` everything is done and then undone. A POST with an Idempotency-Key is done once in 24 hours
 * (draft-ietf-httpapi-idempotency-key-header): whoever repeats it gets the same answer. What was refused was not done, so it may
 * be repeated with the same key.
 */
export const makeRunWrite =
  (deps: WholeWriteDeps) =>
  async ({ route, request, target, key: header }: Write): Promise<SentAnswer> => {
    const { isDryRun, query } = takeDryRun(request.query);
    const key = route.method === 'POST' ? readIdempotencyKey(header) : undefined;
    if (!isDryRun && key === undefined) return toSent(await route.run({ ...request, query }));
    // Before the transaction: nobody may keep it open by sending slowly.
    const body = await readWhole(route, request);
    const whole = { ...request, query, readBody: async () => body, readBytes: async () => asBytes(body) };
    if (isDryRun) {
      const answer = await deps.wholeRequests.rehearse(() => route.run(whole));
      return toRehearsed(answer, route);
    }
    const asked = hash([...nameOf(request), route.method, target, key ?? '']);
    return deps.wholeRequests.keep(() => runOnce(deps, asked, hash([body]), () => route.run(whole)));
  };

async function runOnce(
  { keptAnswers, clock }: WholeWriteDeps,
  asked: Buffer,
  bodyHash: Buffer,
  work: () => Promise<Answer>,
): Promise<SentAnswer> {
  const now = clock.now();
  const claim = await keptAnswers.claim(asked, now, new Date(now.getTime() + keptFor * 1000));
  switch (claim.kind) {
    case 'busy':
      throw new AppError('request_in_progress', { retryAfter: 1 });
    case 'answered':
      return readKept(claim.answer, bodyHash);
    case 'ours': {
      const { status, headers, text } = toSent(await work());
      // What the body hashes to is kept encrypted: a password may be in it, and a bare hash would be worth guessing at.
      const kept: Kept = { status, headers, text, body: bodyHash.toString('base64url') };
      await keptAnswers.keep(asked, Buffer.from(JSON.stringify(kept), 'utf8'));
      return { status, headers, text };
    }
    default:
      return claim satisfies never;
  }
}

const keptSchema = z.object({
  status: z.union([z.literal(200), z.literal(201), z.literal(202), z.literal(204)]),
  headers: z.record(z.string(), z.string()),
  text: z.string().nullable(),
  body: z.string(),
});

type Kept = z.output<typeof keptSchema>;

function readKept(answer: Buffer, bodyHash: Buffer): SentAnswer {
  const { body, headers, ...sent } = keptSchema.parse(JSON.parse(answer.toString('utf8')));
  if (body !== bodyHash.toString('base64url')) throw new AppError('idempotency_key_reused');
  return { ...sent, headers: { ...headers, 'Idempotency-Replayed': 'true' } };
}

/** @throws AppError invalid_input when `dry_run` is neither true nor false, or stands twice */
function takeDryRun(given: URLSearchParams): { isDryRun: boolean; query: URLSearchParams } {
  const query = new URLSearchParams(given);
  const values = query.getAll('dry_run');
  const [value = 'false'] = values;
  if (values.length > 1 || !['true', 'false'].includes(value))
    throw new AppError('invalid_input', {
      fields: [{ field: 'dry_run', message: 'Give true or false, once.' }],
    });
  query.delete('dry_run');
  return { isDryRun: value === 'true', query };
}

async function readWhole({ body }: Route, request: RawRequest): Promise<unknown> {
  if (body.mediaTypes.length === 0) return undefined;
  if (body.bytes !== undefined) return request.readBytes(body.mediaTypes, body.bytes);
  return request.readBody(body.mediaTypes);
}

const asBytes = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

/** Who asks: keys of different callers are different keys. */
const nameOf = ({ caller: { claims } }: RawRequest): string[] => [claims.sub, claims.client_id];

/** Of values that cannot be confused: each is written as JSON, or with its length. */
function hash(values: readonly unknown[]): Buffer {
  const made = createHash('sha256');
  for (const value of values) {
    if (Buffer.isBuffer(value)) made.update(`${value.length} bytes\n`).update(value);
    else made.update(`${JSON.stringify(value) ?? 'nothing'}\n`);
  }
  return made.digest();
}

export function toSent({ status, version, location, body, stream }: Answer): SentAnswer {
  return {
    status,
    headers: {
      ...(version === undefined ? {} : { ETag: etagOf(version) }),
      ...(location === undefined ? {} : { Location: location }),
    },
    text: body === undefined ? null : JSON.stringify(body),
    ...(stream === undefined ? {} : { stream }),
  };
}

/** Nothing was made: so there is nothing to find at a Location, no version, and no secret. */
function toRehearsed({ status, body }: Answer, { success }: Route): SentAnswer {
  const shown = withoutSecrets(success.schema, body);
  return { status, headers: { 'Dry-Run': 'true' }, text: shown === undefined ? null : JSON.stringify(shown) };
}
