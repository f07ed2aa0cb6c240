import { addAccount, registerApp, sentBack } from '../flows/protocol/app.ts';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import type { Measured } from './flows.ts';

/** Our server as it is measured: also how people come in. */
export interface OurServer extends Measured {
  /** So many sign-ins by password, each in a browser of its own, from the authorization request to the code. */
  signIn(count: number): Promise<void>;
}

/** Our server, with an app that people sign in to and that is a service, too, and somebody who is signed in. */
export async function prepareServer(server: RunningGatehouse): Promise<OurServer> {
  const app = await registerApp(server, {
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    skip_consent: true,
    scope: 'openid profile email clients:read',
  });
  const { clientId, clientSecret = '', redirectUri } = app.registration;
  const person = makePerson(server.issuer);
  const who = await addAccount(server, 'measured@example.org');
  await app.signIn(person, who);
  return {
    base: `${server.issuer}/oauth2`,
    clientId,
    clientSecret,
    redirectUri,
    async codes(count) {
      const codes: Awaited<ReturnType<Measured['codes']>> = [];
      while (codes.length < count) {
        const { url, verifier } = app.begin();
        codes.push({ code: sentBack(await person.visit(url)).code ?? '', verifier });
      }
      return codes;
    },
    async signIn(count) {
      for (let done = 0; done < count; done += 1) {
        const other = makePerson(server.issuer);
        await other.visit(app.begin().url);
        sentBack(await other.signIn(who));
      }
    },
  };
}
