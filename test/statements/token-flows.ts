import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type CryptoKey as SigningKey, SignJWT } from 'jose';
import { type App, registerService } from '../flows/protocol/app.ts';
import { makePerson } from '../support/person.ts';
import type { TokenAnswer } from '../support/relying-party.ts';
import type { Code } from './people-flows.ts';
import type { Cast } from './tour.ts';

/** What clients do with codes and tokens. */
export async function spend(cast: Cast, code: Code): Promise<void> {
  const { recorder, app, ownApp } = cast;
  const exchange = (name: string, by: App, { attempt, callback }: Code) =>
    recorder.flow(name, () => by.redeem(attempt, callback));
  const first = await exchange('code exchange', app, code);
  expectStatus(first, 200);
  const access = String(first.body.access_token);
  await recorder.flow('userinfo', () => app.userinfo(access));
  await recorder.flow('introspection of an opaque token', () => app.post('introspect', { token: access }));
  const refresh = String(first.body.refresh_token);
  await recorder.flow('introspection of a refresh token', () => app.post('introspect', { token: refresh }));
  await recorder.flow('introspection of garbage', () => app.post('introspect', { token: 'x'.repeat(43) }));
  const refreshed = await recorder.flow('refresh', () => app.refresh(refresh));
  expectStatus(refreshed, 200);
  await recorder.flow('refresh, asked again', () => app.refresh(refresh));
  expectStatus(await app.refresh(String(refreshed.body.refresh_token)), 200);
  await recorder.flow('refresh, used a second time', () => app.refresh(refresh));

  // What ends a grant ends all that hangs from it: each of these has its own.
  const replayed = await freshCode(cast);
  await exchange('code exchange of a client that asks no consent', ownApp, replayed);
  await exchange('code exchange, used a second time', ownApp, replayed);
  for (const [name, kind] of [
    ['an opaque token', 'access_token'],
    ['a refresh token', 'refresh_token'],
  ] as const) {
    const { attempt, callback } = await freshCode(cast);
    const { body } = await ownApp.redeem(attempt, callback);
    await recorder.flow(`revocation of ${name}`, () => ownApp.post('revoke', { token: String(body[kind]) }));
  }
  await serve(cast);
}

/** A sign-in that is not looked at. */
async function freshCode({ server, ownApp, who }: Cast): Promise<Code> {
  const person = makePerson(server.issuer);
  const attempt = ownApp.begin();
  await person.visit(attempt.url);
  return { attempt, callback: await person.signIn(who) };
}

/** Services, and tokens that nobody stores. */
async function serve(cast: Cast): Promise<void> {
  const { server, recorder, service, ownApp, who } = cast;
  const audience = { resource: `${server.issuer}/api/admin`, scope: 'clients:read' };
  const grant = { grant_type: 'client_credentials' };
  const operator = await registerService(server, { scope: 'clients:read' });
  const jwt = (): Promise<TokenAnswer> => operator.post('token', { ...grant, ...audience });
  await jwt();
  await service.post('token', grant);
  const made = await recorder.flow('client credentials', jwt);
  expectStatus(made, 200);
  // After a change of any client those in memory are read anew; some of these find theirs there.
  for (let again = 0; again < 10; again += 1) await recorder.flow('client credentials', jwt);
  await useResourceServer(cast);
  const opaque = await recorder.flow('client credentials, opaque', () => service.post('token', grant));
  const token = String(opaque.body.access_token);
  await recorder.flow('revocation of a service token', () => service.post('revoke', { token }));

  const personal = await ownApp.signIn(makePerson(server.issuer), who, {
    scope: 'openid account:read',
    resource: `${server.issuer}/api/account`,
  });
  for (const [whose, by, answer] of [
    ['person', ownApp, personal],
    ['service', operator, made],
  ] as const) {
    const kept = { token: String(answer.body.access_token) };
    await recorder.flow(`introspection of the JWT of a ${whose}`, () => by.post('introspect', kept));
    await recorder.flow(`revocation of the JWT of a ${whose}`, () => by.post('revoke', kept));
  }
  await proveByKey(server.issuer, recorder, await makeKeyHolder(server));
}

/** Tokens for an API that operators have made, with a scope that is for holders of a role. */
async function useResourceServer({ server, recorder, ownApp, who }: Cast): Promise<void> {
  const resource = 'https://orders.example';
  const scopes = [{ name: 'read' }, { name: 'refund', restricted: true }];
  const made = await server.admin('POST', 'resource-servers', { resource, name: 'Orders', scopes });
  if (made.status !== 201) throw new Error(`The resource server was not made: ${made.status}`);
  const by = await registerService(server, { scope: 'read' });
  const asked = { grant_type: 'client_credentials', resource, scope: 'read' };
  for (let again = 0; again < 10; again += 1)
    await recorder.flow('client credentials for an API', () => by.post('token', asked));
  const { body } = await ownApp.signIn(makePerson(server.issuer), who, {
    scope: 'openid read refund',
    resource,
  });
  let refresh = String(body.refresh_token);
  for (let again = 0; again < 5; again += 1) {
    const answer = await recorder.flow('refresh for an API', () => ownApp.refresh(refresh));
    expectStatus(answer, 200);
    refresh = String(answer.body.refresh_token);
  }
}

interface KeyHolder {
  clientId: string;
  privateKey: SigningKey;
}

async function makeKeyHolder(server: Cast['server']): Promise<KeyHolder> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'own', use: 'sig', alg: 'ES256' }] };
  const { registration } = await registerService(server, {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks,
  });
  return { clientId: registration.clientId, privateKey };
}

async function proveByKey(issuer: string, recorder: Cast['recorder'], { clientId, privateKey }: KeyHolder) {
  const ask = async (): Promise<void> => {
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'own' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    const { status } = await fetch(`${issuer}/oauth2/token`, { method: 'POST', body });
    if (status !== 200) throw new Error(`The service was refused: ${status}`);
  };
  await ask();
  await recorder.flow('client credentials of a client with a key', ask);
}

function expectStatus({ status, body }: TokenAnswer, expected: number): void {
  if (status !== expected) throw new Error(`${expected} was expected, not ${status} ${JSON.stringify(body)}`);
}
