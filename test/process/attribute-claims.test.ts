import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, addAccount, registerApp, signInAndAllow } from '../flows/protocol/app.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange } from '../support/http.ts';
import { makePerson } from '../support/person.ts';
import { unseenFor } from '../support/unseen-for.ts';

describe('attributes as claims, on two processes', () => {
  let first: RunningGatehouse;
  let second: RunningGatehouse;
  let who: Account;
  beforeAll(async () => {
    const secrets = makeSecrets();
    first = await startGatehouse({ database: 'postgres', issuerPath: '', env: secrets });
    const { issuer, bootstrap, database } = first;
    second = await startGatehouse({ database, bootstrap, env: { ...secrets, GATEHOUSE_ISSUER: issuer } });
    who = await addAccount(first, 'reader@example.org');
  });
  afterAll(async () => {
    await second.stop('SIGKILL');
    await first.dispose();
  });

  const askSecond = async (path: string, headers: Record<string, string> = {}) => {
    const host = new URL(first.issuer).host;
    const answer = await exchange(`http://127.0.0.1:${second.port}${path}`, {
      headers: { host, ...headers },
    });
    return JSON.parse(answer.text) as Record<string, unknown>;
  };

  it('are known to the other one within a second, and gone within a second', async () => {
    const app = await registerApp(first, { skip_consent: true, scope: 'openid profile library' });
    await first.admin('POST', 'user-attributes', {
      name: 'shelf',
      display_name: { default: 'Shelf' },
      type: 'text',
      claim: { name: 'shelf', scope: 'library' },
    });
    await first.admin('PATCH', `users/${who.sub}`, { attributes: { shelf: 'B 7' } });
    const signedIn = await signInAndAllow(app, makePerson(first.issuer), who, { scope: 'openid library' });
    const bearer = { authorization: `Bearer ${String(signedIn.body.access_token)}` };
    expect(await askSecond('/oauth2/userinfo', bearer)).toEqual({ sub: who.sub, shelf: 'B 7' });
    const metadata = await askSecond('/.well-known/openid-configuration');
    expect(metadata.scopes_supported).toContain('library');
    expect(metadata.claims_supported).toContain('shelf');

    await first.admin('DELETE', 'user-attributes/shelf');
    const deleted = performance.now();
    const isSeen = async () => !Object.hasOwn(await askSecond('/oauth2/userinfo', bearer), 'shelf');
    expect(await unseenFor('the claim is gone', deleted, isSeen)).toBeLessThan(1000);
    expect(await askSecond('/oauth2/userinfo', bearer)).toEqual({ sub: who.sub });
    expect((await askSecond('/.well-known/openid-configuration')).scopes_supported).not.toContain('library');
  });
});
