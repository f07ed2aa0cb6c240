import { z } from 'zod';
import { checked, humanText, notForPeople } from './metadata-shape.ts';
import { defaultTokenLifetime } from './resource-servers.ts';
import { faultInResource, longestResource } from './resource-uri.ts';

/** With their descriptions no more fit into a body. */
const mostScopes = 1000;
const mostClients = 1000;

/** RFC 6749 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Seconds. Shorter ones would have expired before they are used: clocks may differ, and requests take their time. */
export const shortestTokenLife = 10;
/**
 * Seconds. Whoever verifies a JWT without asking cannot know that it was revoked, so its life is all that bounds the harm; of
 * an opaque one that is known at once, and past a day refresh tokens are the right thing.
 */
export const longestTokenLife = { jwt: 3600, opaque: 86_400 } as const;

const scope = z.strictObject({
  name: z
    .string()
    .max(128)
    .regex(scopeToken, 'Use printable ASCII characters without spaces, quotes and backslashes.'),
  description: z
    .string()
    .max(300)
    .refine((text) => !notForPeople.test(text), 'Use visible characters only, in one line.')
    .optional()
    .meta({ default: '', description: 'Plain words for the consent page.' }),
  restricted: z.boolean().optional().meta({
    description:
      'Whether only holders of a role with it get it. Left out: as it is, and false for a new one. Becomes true when a role first confers it.',
  }),
});

const clientIds = z.array(z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/)).max(mostClients);

/** A resource server as it may be given; what is left out gets its default, what is unknown is refused. */
export const resourceServerShape = z.strictObject({
  resource: checked(faultInResource).meta({
    format: 'uri',
    maxLength: longestResource,
    description:
      'The audience of its access tokens: an absolute URI without fragment (RFC 8707 2), compared exactly. It cannot be changed afterwards.',
  }),
  name: humanText(100).meta({ description: 'What people see.' }),
  scopes: z.array(scope).max(mostScopes).optional().meta({ default: [] }),
  access_token_format: z.enum(['jwt', 'opaque']).optional().meta({
    default: 'jwt',
    description: 'jwt (RFC 9068): the API can verify it itself. opaque: the API asks (introspection).',
  }),
  access_token_ttl: z
    .int()
    .min(shortestTokenLife)
    .max(longestTokenLife.opaque)
    .optional()
    .meta({
      default: defaultTokenLifetime,
      description: `Seconds; at most ${longestTokenLife.jwt} for a jwt, which nobody can take back from an API that does not ask.`,
    }),
  clients: z
    .union([z.literal('*'), clientIds], 'Give "*", or a list of client ids.')
    .optional()
    .meta({ default: '*', description: 'Ids of the clients that may ask for it; "*" is every client.' }),
  scope_policy: z.enum(['narrow', 'refuse']).optional().meta({
    default: 'narrow',
    description:
      'What becomes of a scope that is asked for and may not be had: it is left out in silence, or the request is refused with invalid_scope.',
  }),
});

/** A resource server as given, in the right shape. */
export type GivenResourceServer = z.output<typeof resourceServerShape>;
