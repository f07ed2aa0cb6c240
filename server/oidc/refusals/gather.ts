import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import type { Evidence, RegisteredClient, SentJwt } from '../../clients/refusals/explain.ts';
import { presentedCode } from '../presented-code.ts';
import type { EngineError } from '../unfinished.ts';
import { codeOf } from './engine-words.ts';

/** Parameters whose values tell why a request was refused, and are no secret. */
const shown = [
  'client_id',
  'redirect_uri',
  'post_logout_redirect_uri',
  'response_type',
  'response_mode',
  'grant_type',
  'code_challenge_method',
  'scope',
  'prompt',
  'resource',
] as const;

/** Where that was begun which goes on at an address of its own. */
const beginnings: Readonly<Record<string, string>> = {
  resume: 'authorization',
  device_resume: 'code_verification',
};

/** All that can be told of a request that the engine has just refused. */
export function gather(
  ctx: KoaContextWithOIDC,
  endpoint: string,
  error: EngineError,
  judged: { held: boolean; secretEnded: Date | undefined },
  now: Date,
): Evidence {
  const sentences = sentencesOf(error);
  const params = Object.fromEntries(shown.map((name) => [name, paramOf(ctx, name)]));
  const code = codeOf({
    sentences,
    error: error.error ?? 'error',
    endpoint,
    grantType: params.grant_type,
  });
  const { client, route } = ctx.oidc ?? {};
  return {
    code: code === 'secret_wrong' && judged.held ? 'secret_guesses_held' : code,
    said: (code === 'client_keys_unreachable' ? sentences.at(-1) : sentences[0])?.replace(/\.$/, ''),
    now,
    method: ctx.method,
    url: route === undefined ? '' : ctx.oidc.urlFor(beginnings[route] ?? route),
    contentType: ctx.get('content-type') || 'none',
    client: client && registered(client),
    params: {
      ...params,
      client_id: sentClientIds(ctx)[0],
      // Which of them it was, where that is known.
      ...('scope' in error && typeof error.scope === 'string' ? { scope: error.scope } : {}),
    },
    parameters: namesIn(sentences[0]),
    origin: ctx.get('origin') || undefined,
    methods: methodsOf(ctx),
    assertion: readJwt(paramOf(ctx, 'client_assertion')),
    proof: readJwt(ctx.get('dpop') || undefined),
    secretEnded: judged.secretEnded,
    redirectUriOfCode: textOf(presentedCode(ctx.req)?.redirectUri),
    verifierLength: paramOf(ctx, 'code_verifier')?.length,
  };
}

/** What the engine says for the log, what it tells the client, and what it met, in this order. */
function sentencesOf(error: EngineError): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause)
    causes.push(...wordsOf(cause));
  return [...wordsOf(error), ...causes];
}

/** An error of the engine has its OAuth code for a message. */
function wordsOf(error: EngineError): string[] {
  const own = [error.error_detail, error.error_description, error.error === undefined ? error.message : ''];
  return own.flatMap((text) => (text === undefined || text === '' ? [] : [text]));
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** As the engine has it by now, or else as it was sent. The first of several. */
function paramOf(ctx: KoaContextWithOIDC, name: string): string | undefined {
  const sent: Record<string, unknown> | undefined = ctx.method === 'POST' ? ctx.oidc?.body : ctx.query;
  for (const value of [ctx.oidc?.params?.[name], sent?.[name]]) {
    const text = textOf(Array.isArray(value) ? value[0] : value);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The names of parameters that a sentence of the engine quotes. */
const namesIn = (sentence = ''): string[] =>
  [...sentence.matchAll(/'([a-z_]{1,40})'/g)].map(([, name = '']) => name);

/** Which clients the request says that it is from, in whichever way; the one that it tries to prove first. */
export function sentClientIds(ctx: KoaContextWithOIDC): string[] {
  const audience = textOf(ctx.oidc?.entities.IdTokenHint?.payload.aud);
  const subject = subjectOf(paramOf(ctx, 'client_assertion'));
  const sent = [basicId(ctx), subject, paramOf(ctx, 'client_id'), audience];
  return sent.flatMap((id) => (id === undefined ? [] : [id]));
}

function basicId(ctx: KoaContextWithOIDC): string | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(ctx.get('authorization')) ?? [];
  if (encoded === undefined) return undefined;
  const [id] = Buffer.from(encoded, 'base64').toString('utf8').split(':', 1);
  try {
    return textOf(decodeURIComponent((id ?? '').replaceAll('+', '%20')));
  } catch {
    return undefined;
  }
}

function subjectOf(assertion: string | undefined): string | undefined {
  if (assertion === undefined) return undefined;
  try {
    return textOf(decodeJwt(assertion).sub);
  } catch {
    return undefined;
  }
}

/** By the names of OIDC Core 9. */
function methodsOf(ctx: KoaContextWithOIDC): string[] {
  const ways: [boolean, string][] = [
    [/^basic /i.test(ctx.get('authorization')), 'client_secret_basic'],
    [paramOf(ctx, 'client_secret') !== undefined, 'client_secret_post'],
    [paramOf(ctx, 'client_assertion') !== undefined, 'private_key_jwt'],
  ];
  return ways.filter(([isSent]) => isSent).map(([, name]) => name);
}

function readJwt(jwt: string | undefined): SentJwt | undefined {
  if (jwt === undefined) return undefined;
  try {
    const { kid, alg } = decodeProtectedHeader(jwt);
    const { iss, aud, iat, nbf, exp, htm, htu } = decodeJwt<{ htm?: unknown; htu?: unknown }>(jwt);
    return {
      kid: textOf(kid),
      alg: textOf(alg),
      iss: textOf(iss),
      aud: Array.isArray(aud) ? aud.map(String).join(' ') : textOf(aud),
      iat: numberOf(iat),
      nbf: numberOf(nbf),
      exp: numberOf(exp),
      htm: textOf(htm),
      htu: textOf(htu),
    };
  } catch {
    return undefined;
  }
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.floor(value) : undefined;

function registered(client: Client): RegisteredClient {
  return {
    redirectUris: client.redirectUris ?? [],
    postLogoutRedirectUris: client.postLogoutRedirectUris ?? [],
    authMethod: client.clientAuthMethod ?? 'client_secret_basic',
    signingAlg: textOf(client.tokenEndpointAuthSigningAlg),
    jwksUri: textOf(client.jwksUri),
    keyIds: keysOf(client),
  };
}

/** Names of the keys in the metadata of the client; those at its jwks_uri are the client's own affair. */
function keysOf({ jwks }: Client): string[] {
  return (jwks?.keys ?? []).map((key) => `${key.kid ?? 'without a kid'} (${key.alg ?? key.kty})`);
}
