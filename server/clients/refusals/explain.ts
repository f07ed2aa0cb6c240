import { personScope } from '../metadata-shape.ts';
import type { Facts, RefusalCode } from './kinds.ts';
import { redactFacts, redactUri } from './redact.ts';
import { nearestUri } from './uri-difference.ts';

/** What is registered for the client that was refused. */
export interface RegisteredClient {
  redirectUris: readonly string[];
  postLogoutRedirectUris: readonly string[];
  authMethod: string;
  signingAlg?: string | undefined;
  jwksUri?: string | undefined;
  /** Of the keys that are known of it. */
  keyIds: readonly string[];
}

/** Of a JWT that was sent: never the whole, and not its signature. */
export interface SentJwt {
  kid?: string | undefined;
  alg?: string | undefined;
  iss?: string | undefined;
  aud?: string | undefined;
  iat?: number | undefined;
  nbf?: number | undefined;
  exp?: number | undefined;
  /** Of a DPoP proof. */
  htm?: string | undefined;
  htu?: string | undefined;
}

/** What is known of a refused request, with nothing left out yet. */
export interface Evidence {
  /** What the refusal says by itself. */
  code: RefusalCode;
  /** In the words of the engine, which tell of the request and repeat no value of a secret. */
  said?: string | undefined;
  now: Date;
  method: string;
  /** The address that was asked. */
  url: string;
  contentType?: string | undefined;
  client?: RegisteredClient | undefined;
  /** Parameters by their names, those that are shown only. */
  params: Readonly<Record<string, string | undefined>>;
  /** Those that the refusal is about. */
  parameters?: readonly string[] | undefined;
  origin?: string | undefined;
  /** Ways in which the client proved itself. */
  methods: readonly string[];
  assertion?: SentJwt | undefined;
  proof?: SentJwt | undefined;
  /** The end of the secret that was presented, where it had one and was right. */
  secretEnded?: Date | undefined;
  /** Where the authorization request of the presented code took the person. */
  redirectUriOfCode?: string | undefined;
  verifierLength?: number | undefined;
}

/** `facts` are the same each time; `varying` are those of this time. */
export interface Explanation {
  code: RefusalCode;
  facts: Facts;
  varying: Facts;
}

type Raw = Readonly<Record<string, string | number | undefined>>;
interface Finding {
  code?: RefusalCode;
  facts?: Raw;
  varying?: Raw;
}

/**
 * Finds out why a request was refused: what the evidence says beyond the first impression, and which facts an operator needs.
 * Pure. What comes out may be kept and shown.
 */
export function explain(evidence: Evidence): Explanation {
  const { code = evidence.code, facts = {}, varying = {} } = findings[evidence.code]?.(evidence) ?? {};
  const told = { ...(says.includes(code) ? { said: evidence.said } : {}), ...facts };
  return { code, facts: redactFacts(told), varying: redactFacts(varying) };
}

/** Where the words of the engine tell more than our own. */
const says: readonly RefusalCode[] = [
  'parameter_invalid',
  'openid_scope_missing',
  'claims_invalid',
  'authentication_too_weak',
  'request_object_invalid',
  'id_token_hint_invalid',
  'assertion_malformed',
  'assertion_claim_missing',
  'client_keys_unreachable',
  'client_keys_invalid',
  'client_metadata_invalid',
  'dpop_proof_invalid',
  'dpop_claim_missing',
  'access_token_transport',
  'access_token_scope_missing',
  'unexplained',
];

const param =
  (name: string) =>
  ({ params }: Evidence): Finding => ({ facts: { [name]: params[name] } });

const named = ({ parameters }: Evidence): Finding =>
  parameters === undefined || parameters.length === 0 ? {} : { facts: { parameters: parameters.join(', ') } };

/** An address and the one that it should have been. */
function addresses(sent: string | undefined, registered: readonly string[]): Finding {
  if (sent === undefined) return {};
  const near = nearestUri(sent, registered);
  return { facts: { sent_uri: redactUri(sent, near), registered_uri: near } };
}

const inSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);

/** Of something that was signed and came too early or too late: which clock is wrong, and by how much. */
function clock(
  signed: string,
  { iat, nbf, exp }: SentJwt,
  now: number,
  otherwise: RefusalCode,
): Finding | undefined {
  const begins = Math.max(iat ?? 0, nbf ?? 0);
  if (begins > now) return { code: 'clock_ahead', facts: { signed }, varying: { seconds: begins - now } };
  const isOver = exp !== undefined && exp <= now;
  // What was just made and is over already was made by a clock that is behind; so is what was never meant to end.
  if (iat !== undefined && (isOver || exp === undefined))
    return { code: 'clock_behind', facts: { signed }, varying: { seconds: now - iat } };
  return isOver ? { code: otherwise, varying: { seconds: now - exp } } : undefined;
}

const ofAssertion = ({ assertion, now }: Evidence): Finding =>
  assertion === undefined
    ? {}
    : (clock('client assertion', assertion, inSeconds(now), 'assertion_expired') ?? {});

function ofProof({ proof, now }: Evidence): Finding {
  return proof === undefined ? {} : (clock('DPoP proof', proof, inSeconds(now), 'clock_behind') ?? {});
}

/** Who proves nothing, where a proof is registered, has left it out. */
function ofMethod({ methods, client }: Evidence): Finding {
  const registered = client?.authMethod;
  const sent = methods.length === 0 ? 'none' : methods.join(' and ');
  if (sent === 'none' && registered?.startsWith('client_secret') === true) return { code: 'secret_missing' };
  if (sent === 'none' && registered === 'private_key_jwt') return { code: 'assertion_missing' };
  return { facts: { sent_method: sent, registered_method: registered } };
}

/** The scopes of a resource server depend on roles as well as on what the client is registered for. */
function ofScope({ params: { scope } }: Evidence): Finding {
  const ofPerson = scope?.split(' ').every((name) => personScope.split(' ').includes(name)) ?? true;
  return { ...(ofPerson ? {} : { code: 'scope_not_granted' }), facts: { scope } };
}

function ofKey({ assertion, client }: Evidence): Finding {
  const keys = client?.keyIds.slice(0, 10).join(', ');
  return {
    facts: {
      key_id: assertion?.kid ?? 'none',
      algorithm: assertion?.alg,
      registered_keys: keys || undefined,
    },
  };
}

const ofSecret = ({ secretEnded }: Evidence): Finding =>
  secretEnded === undefined
    ? {}
    : { code: 'secret_expired', facts: { expired_at: secretEnded.toISOString() } };

const findings: Partial<Record<RefusalCode, (evidence: Evidence) => Finding>> = {
  client_unknown: param('client_id'),
  redirect_uri_unregistered: ({ params, client }) =>
    addresses(params.redirect_uri, client?.redirectUris ?? []),
  post_logout_redirect_uri_unregistered: ({ params, client }) =>
    addresses(params.post_logout_redirect_uri, client?.postLogoutRedirectUris ?? []),
  code_redirect_uri_differs: ({ params, redirectUriOfCode }) =>
    addresses(params.redirect_uri, redirectUriOfCode === undefined ? [] : [redirectUriOfCode]),
  parameter_missing: named,
  parameter_duplicate: named,
  body_unreadable: ({ contentType }) => ({ facts: { content_type: contentType } }),
  method_not_allowed: ({ method }) => ({ facts: { method } }),
  response_type_unsupported: param('response_type'),
  response_type_not_allowed: param('response_type'),
  response_mode_unsupported: param('response_mode'),
  pkce_method_unsupported: param('code_challenge_method'),
  scope_unknown: param('scope'),
  scope_not_registered: ofScope,
  scope_not_granted: param('scope'),
  prompt_invalid: param('prompt'),
  resource_unknown: ({ params: { resource } }) => ({ facts: { resource: resource && redactUri(resource) } }),
  resource_not_allowed: ({ params: { resource } }) => ({
    facts: { resource: resource && redactUri(resource) },
  }),
  resource_malformed: ({ params: { resource } }) => ({
    facts: { resource: resource && redactUri(resource) },
  }),
  origin_not_allowed: ({ origin }) => ({ facts: { origin } }),
  authentication_ambiguous: ({ methods }) => ({
    facts: { sent_methods: methods.join(' and ') || undefined },
  }),
  authentication_method_mismatch: ofMethod,
  secret_wrong: ofSecret,
  assertion_issuer_wrong: ({ assertion }) => ({ facts: { issuer: assertion?.iss } }),
  assertion_audience_wrong: ({ assertion }) => ({ facts: { audience: assertion?.aud } }),
  assertion_algorithm_wrong: ({ assertion, client }) => ({
    facts: { algorithm: assertion?.alg, registered_algorithm: client?.signingAlg },
  }),
  assertion_expired: ofAssertion,
  clock_ahead: ofAssertion,
  assertion_signature_wrong: ofKey,
  key_unknown: ofKey,
  client_keys_unreachable: ({ client }) => ({ facts: { jwks_uri: client?.jwksUri } }),
  grant_type_unsupported: param('grant_type'),
  grant_type_not_allowed: param('grant_type'),
  pkce_verifier_malformed: ({ verifierLength }) => ({ varying: { length: verifierLength } }),
  clock_behind: ofProof,
  dpop_proof_invalid: ofProof,
  dpop_method_mismatch: ({ proof, method }) => ({ facts: { proof_method: proof?.htm, method } }),
  dpop_url_mismatch: ({ proof, url }) => addresses(proof?.htu, [url]),
};
