import { z } from 'zod';
import type { ClientError } from '../clients/refusals/client-error.ts';
import { causeOf, type Facts, refusalCodes, refusalKinds } from '../clients/refusals/kinds.ts';
import { compareUris, differenceKinds, type UriDifference } from '../clients/refusals/uri-difference.ts';

const time = z.int().meta({ description: 'Seconds since 1970.' });
const facts = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .meta({ description: 'By name. Whatever may be secret is shown as `***`, as are values in a query.' });
const range = z.tuple([z.int(), z.int()]);

export const clientErrorView = z
  .strictObject({
    id: z.string(),
    client_id: z
      .string()
      .nullable()
      .meta({ description: 'Null where the request is of no registered client.' }),
    code: z.enum(refusalCodes).meta({ description: 'Stable; docs/client-errors.md lists them all.' }),
    endpoint: z.string(),
    error: z.string().meta({ description: 'The OAuth error that the client was answered.' }),
    cause: z.string(),
    remedy: z.string(),
    facts,
    difference: z
      .strictObject({
        kinds: z.array(z.string()),
        sent: z
          .array(range)
          .meta({ description: 'Characters of `facts.sent_uri`: from, and up to not including.' }),
        registered: z.array(range).meta({ description: 'What stands there in `facts.registered_uri`.' }),
      })
      .optional(),
    nearest_client_id: z
      .string()
      .optional()
      .meta({ description: 'Of an unknown client_id: the registered one that is most like it.' }),
    collective: z.boolean().meta({
      description: 'There were too many to tell them apart; the samples have the facts of the last ones.',
    }),
    count: z.int(),
    first_seen_at: time,
    last_seen_at: time,
    samples: z
      .array(z.strictObject({ at: time, request_id: z.string().nullable(), facts }))
      .meta({ description: 'The last ones, newest first.' }),
  })
  .meta({ id: 'ClientError' });

const inSeconds = (at: Date): number => Math.floor(at.getTime() / 1000);

/** What is kept of a refusal, with what the operator is to be told of it. */
export function showClientError(
  error: ClientError,
  nearestClientId?: string,
): z.output<typeof clientErrorView> {
  const { code, samples } = error;
  const difference = differenceIn(error.facts);
  const known: Facts = { ...error.facts, ...samples[0]?.facts };
  return {
    id: error.id,
    client_id: error.clientId,
    code,
    endpoint: error.endpoint,
    error: error.error,
    cause: causeOf(
      code,
      difference === undefined ? known : { ...known, difference: inWords(known, difference) },
    ),
    remedy: refusalKinds[code].remedy,
    facts: error.facts,
    ...(difference === undefined ? {} : { difference: toJson(difference) }),
    ...(nearestClientId === undefined ? {} : { nearest_client_id: nearestClientId }),
    collective: error.isCollective,
    count: error.count,
    first_seen_at: inSeconds(error.firstSeenAt),
    last_seen_at: inSeconds(error.lastSeenAt),
    samples: samples.map(({ at, requestId, facts: ofSample }) => ({
      at: inSeconds(at),
      request_id: requestId,
      facts: ofSample,
    })),
  };
}

function differenceIn({ sent_uri: sent, registered_uri: registered }: Facts): UriDifference | undefined {
  return typeof sent === 'string' && typeof registered === 'string'
    ? compareUris(sent, registered)
    : undefined;
}

function inWords({ sent_uri: sent, registered_uri: registered }: Facts, { kinds }: UriDifference): string {
  const where = new Intl.ListFormat('en').format(kinds.map((kind) => differenceKinds[kind]));
  return `Sent: ${sent} Right: ${registered} ${where === '' ? '' : `They differ in ${where}.`}`.trim();
}

const toJson = ({ kinds, sent, registered }: UriDifference) => ({
  kinds: [...kinds],
  sent: sent.map(([from, to]): [number, number] => [from, to]),
  registered: registered.map(([from, to]): [number, number] => [from, to]),
});
