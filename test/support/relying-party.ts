import { createHash, randomBytes } from 'node:crypto';
import type { Elsewhere, Page, Person } from './person.ts';

/** An app as it is registered at the server. Without a secret it is a public client. */
export interface Registration {
  clientId: string;
  redirectUri: string;
  clientSecret?: string;
  scope?: string;
}

/** A sign-in that the app has begun. */
export interface Attempt {
  url: URL;
  state: string;
  nonce: string;
  verifier: string;
}

/** An answer of the token endpoint, or of another one that answers with JSON. */
export interface TokenAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & {
    access_token?: string;
    id_token?: string;
    refresh_token?: string;
    error?: string;
  };
}

export interface RelyingParty {
  /** Where the app sends a person to, with PKCE; `extra` adds parameters or replaces some (with '' it removes them). */
  begin(extra?: Record<string, string>): Attempt;
  /** Signs the person in from the start and redeems the code. The person sees a sign-in page or is signed in already. */
  signIn(
    person: Person,
    who: { username: string; password: string },
    extra?: Record<string, string>,
  ): Promise<TokenAnswer>;
  /** Takes the code out of the callback and redeems it. Throws when there is none, with the words of the page instead. */
  redeem(attempt: Attempt, callback: Page | Elsewhere, extra?: Record<string, string>): Promise<TokenAnswer>;
  refresh(refreshToken: string, extra?: Record<string, string>): Promise<TokenAnswer>;
  /** Any request of the client to an endpoint below /oauth2/, authenticated as it is registered. */
  post(endpoint: string, parameters: Record<string, string>): Promise<TokenAnswer>;
  userinfo(accessToken: string): Promise<TokenAnswer>;
}

/** An app over plain HTTP, which can also do what no library would let it. Not the app of the console, but like it. */
export function makeRelyingParty(issuer: string, registration: Registration): RelyingParty {
  const { clientId, redirectUri, clientSecret, scope = 'openid profile email' } = registration;

  function begin(extra: Record<string, string> = {}): Attempt {
    const [state, nonce, verifier] = [randomText(), randomText(), randomText()];
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const url = new URL(`${issuer}/oauth2/authorize`);
    const parameters = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...extra,
    };
    for (const [name, value] of Object.entries(parameters))
      if (value !== '') url.searchParams.set(name, value);
    return { url, state, nonce, verifier };
  }

  async function post(endpoint: string, parameters: Record<string, string>): Promise<TokenAnswer> {
    const isPublic = clientSecret === undefined;
    const answer = await fetch(`${issuer}/oauth2/${endpoint}`, {
      method: 'POST',
      headers: isPublic ? {} : { authorization: basic(clientId, clientSecret) },
      body: new URLSearchParams({ ...(isPublic ? { client_id: clientId } : {}), ...parameters }),
    });
    return readAnswer(answer);
  }

  async function redeem(
    attempt: Attempt,
    callback: Page | Elsewhere,
    extra: Record<string, string> = {},
  ): Promise<TokenAnswer> {
    const code = callback.url.searchParams.get('code');
    if (code === null) {
      const words = callback.kind === 'page' ? `: ${callback.text}` : '';
      throw new Error(`No code came back, but ${callback.url.href}${words}`);
    }
    if (callback.url.searchParams.get('state') !== attempt.state)
      throw new Error('A foreign state came back.');
    return post('token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: attempt.verifier,
      ...extra,
    });
  }

  return {
    begin,
    post,
    redeem,
    async signIn(person, who, extra) {
      const attempt = begin(extra);
      const seen = await person.visit(attempt.url);
      const isAsked = seen.kind === 'page' && seen.forms.some(({ fields }) => fields.includes('password'));
      return redeem(attempt, isAsked ? await person.signIn(who) : seen);
    },
    refresh: (refreshToken, extra = {}) =>
      post('token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...extra }),
    userinfo: async (accessToken) =>
      readAnswer(
        await fetch(`${issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } }),
      ),
  };
}

/** The account page's own client, which every server has. */
export const accountPage = (issuer: string): Registration => ({
  clientId: 'gatehouse-account',
  redirectUri: `${issuer}/account`,
});

/** RFC 6749 2.3.1: id and secret are form-encoded before Basic puts them together. */
export function basic(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`;
}

async function readAnswer(answer: Response): Promise<TokenAnswer> {
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') === true;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : {} };
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}
