import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { makePerson, type Page, type Person } from '../support/person.ts';
import { type Attempt, makeRelyingParty, type Registration } from '../support/relying-party.ts';
import { type Credentials, classify, type Doors, postForm } from './doors.ts';
import type { Completion, Facts, History } from './history.ts';

export type AppRegistration = Registration & Credentials;

export interface CallDeps {
  doors: Doors;
  history: History;
  /** The keys as they were last seen. */
  jwks(): JSONWebKeySet;
}

/** Somebody on the way to an app: who, and what the app knows of the attempt. */
export interface Way {
  family: string;
  user: string;
  password: string;
  person: Person;
  attempt: Attempt;
}

/** A person goes from the app to the pages, signs in, and comes back with a code. Ok has the code. */
export async function authorize(
  { doors, history }: CallDeps,
  worker: string,
  app: AppRegistration,
  who: { family: string; user: string; password: string },
): Promise<{ way: Way; code: string | undefined }> {
  const person = makePerson(doors.issuer);
  const attempt = makeRelyingParty(doors.issuer, app).begin();
  const completion = await history.record(
    worker,
    { type: 'authorize', ...who },
    async (): Promise<Completion> => {
      const form = await person.visit(attempt.url);
      const seen =
        form.kind === 'page' && form.status === 200
          ? await person.signIn({ username: who.user, password: who.password })
          : form;
      if (seen.kind === 'page') return notSentOn(seen);
      const { code, state, error } = Object.fromEntries(seen.url.searchParams);
      if (code !== undefined && state === attempt.state) return { outcome: 'ok', facts: { code } };
      return { outcome: 'unknown', why: error ?? 'neither code nor error came back' };
    },
  );
  return { way: { ...who, person, attempt }, code: completion.facts?.code };
}

/** The app redeems the code. */
export const exchangeCode = (
  deps: CallDeps,
  worker: string,
  app: AppRegistration,
  { family, attempt }: Pick<Way, 'family' | 'attempt'>,
  code: string,
): Promise<Completion> =>
  deps.history.record(worker, { type: 'exchange', family, code }, async () =>
    readTokens(
      deps,
      await postForm(deps.doors, app, 'token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: app.redirectUri,
        code_verifier: attempt.verifier,
      }),
      app,
    ),
  );

export const refreshTokens = (
  deps: CallDeps,
  worker: string,
  app: AppRegistration,
  { family, token }: { family: string; token: string },
): Promise<Completion> =>
  deps.history.record(worker, { type: 'refresh', family, token }, async () =>
    readTokens(
      deps,
      await postForm(deps.doors, app, 'token', { grant_type: 'refresh_token', refresh_token: token }),
      app,
    ),
  );

export const askUserinfo = (
  { doors, history }: CallDeps,
  worker: string,
  { family, token }: { family: string; token: string },
): Promise<Completion> =>
  history.record(worker, { type: 'userinfo', family, token }, async () => {
    const answer = await doors.send('/oauth2/userinfo', { headers: { authorization: `Bearer ${token}` } });
    const completion = classify(answer);
    if (completion.outcome !== 'ok') return completion;
    return { ...completion, facts: { sub: String(JSON.parse(answer.text).sub) } };
  });

export const introspect = (
  { doors, history }: CallDeps,
  worker: string,
  app: AppRegistration,
  { family, token }: { family: string; token: string },
): Promise<Completion> =>
  history.record(worker, { type: 'introspect', family, token }, async () =>
    readActive(await postForm(doors, app, 'introspect', { token })),
  );

export const revoke = (
  { doors, history }: CallDeps,
  worker: string,
  app: AppRegistration,
  { family, token }: { family: string; token: string },
): Promise<Completion> =>
  history.record(worker, { type: 'revoke', family, token }, async () =>
    classify(await postForm(doors, app, 'revoke', { token })),
  );

/** The person signs out in the browser of that sign-in. */
export const signOut = (
  { history }: CallDeps,
  worker: string,
  { family, person }: Pick<Way, 'family' | 'person'>,
): Promise<Completion> =>
  history.record(worker, { type: 'sign-out', family }, async () => {
    const asked = await person.visit('/oauth2/logout');
    if (asked.kind !== 'page') return { outcome: 'unknown', why: `sent to ${asked.url.href}` };
    if (asked.status !== 200) return classify(asked);
    // Who is not signed in any more is not asked whether to stay.
    const asksToStay = asked.forms.some(({ buttons }) => buttons.some(({ value }) => value === 'yes'));
    const seen = await person.submit({}, asksToStay ? { button: 'yes' } : {});
    return seen.kind === 'page' ? classify(seen) : { outcome: 'unknown', why: `sent to ${seen.url.href}` };
  });

/** Client credentials: an opaque token of the client itself. */
export const askServiceToken = (
  { doors, history }: CallDeps,
  worker: string,
  client: Credentials,
): Promise<Completion> =>
  history.record(worker, { type: 'service-token', client: client.clientId }, async () => {
    const answer = await postForm(doors, client, 'token', { grant_type: 'client_credentials' });
    const completion = classify(answer);
    if (completion.outcome !== 'ok') return completion;
    return { ...completion, facts: { access: String(JSON.parse(answer.text).access_token) } };
  });

export const introspectService = (
  { doors, history }: CallDeps,
  worker: string,
  client: Credentials,
  token: string,
): Promise<Completion> =>
  history.record(worker, { type: 'introspect-service', client: client.clientId, token }, async () =>
    readActive(await postForm(doors, client, 'introspect', { token })),
  );

/** A page instead of the way back to the app: whatever its status, that is no success. */
function notSentOn(page: Page): Completion {
  const completion = classify(page);
  const why = `${page.url.pathname}: ${page.text.slice(0, 200)}`;
  return { ...completion, outcome: completion.outcome === 'ok' ? 'fail' : completion.outcome, why };
}

function readActive(answer: Parameters<typeof classify>[0]): Completion {
  const completion = classify(answer);
  if (completion.outcome !== 'ok') return completion;
  return { ...completion, facts: { active: JSON.parse(answer.text).active === true } };
}

async function readTokens(
  deps: CallDeps,
  answer: Parameters<typeof classify>[0],
  app: AppRegistration,
): Promise<Completion> {
  const completion = classify(answer);
  if (completion.outcome !== 'ok') return completion;
  const { access_token: access, refresh_token: refresh, id_token: id } = JSON.parse(answer.text);
  const facts: Facts = { access, refresh, body: answer.text };
  const kid = await signerOf(deps, String(id), app.clientId);
  if (kid !== undefined) facts.kid = kid;
  return { ...completion, facts };
}

/** The key that has signed this ID token; undefined when the signature is not good. */
async function signerOf(
  { doors, jwks }: CallDeps,
  token: string,
  audience: string,
): Promise<string | undefined> {
  try {
    const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks()), {
      issuer: doors.issuer,
      audience,
    });
    return protectedHeader.kid;
  } catch {
    return undefined;
  }
}
